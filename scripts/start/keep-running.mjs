/**
 * Keeps a service running: one that dies is started again, after longer and longer pauses while it keeps dying soon
 * after its start. What it held survives it (facts in Postgres, containers by adoption), so a restart is always safe.
 */
import { setTimeout as delay } from "node:timers/promises";
import { startService } from "./service.mjs";

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** A service that ran this long was healthy: its next death starts counting anew. */
const HEALTHY_MS = 30_000;

/** The pause before start number `deathsInARow + 1`. @param {number} deathsInARow from 1 */
export function pauseMs(deathsInARow) {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (deathsInARow - 1));
}

/**
 * @typedef {object} KeptService
 * @property {string} name
 * @property {string} logFile
 * @property {() => import("./service.mjs").RunningService} current
 * @property {() => void} keep from now on a death is answered with a restart, one that has been too
 * @property {() => Promise<void>} restart asked for: new code
 * @property {(how: import("./service.mjs").StopOptions) => Promise<void>} stop
 * @property {() => void} kill
 */

/**
 * @param {import("./service.mjs").ServiceSpec} spec
 * @param {{ lock: import("./state-lock.mjs").StateLock, say: (line: string) => void }} context
 * @returns {KeptService}
 */
export function keepService(spec, { lock, say }) {
  let kept = false;
  let stopping = false;
  let restarting = false;
  let deathsInARow = 0;
  /** @type {{ service: import("./service.mjs").RunningService, ending: import("./service.mjs").Ending } | undefined} the last one */
  let death;
  let startedAt = 0;
  let endedAt = 0;
  const cancelPause = new AbortController();
  let current = start();

  function start() {
    const service = startService(spec);
    lock.add(service.record);
    startedAt = Date.now();
    service.ended.then((ending) => {
      endedAt = Date.now();
      lock.remove(service.record);
      death = { service, ending };
      if (kept) void startAgain(death);
    });
    return service;
  }

  /** @param {{ service: import("./service.mjs").RunningService, ending: import("./service.mjs").Ending }} death */
  async function startAgain({ service, ending }) {
    if (stopping || restarting || current !== service) return;
    deathsInARow = endedAt - startedAt > HEALTHY_MS ? 1 : deathsInARow + 1;
    const pause = pauseMs(deathsInARow);
    say(`the ${spec.name} ended (${ending.sentence ?? ending.how}); starting it again in ${pause / 1000} s`);
    await delay(pause, undefined, { signal: cancelPause.signal }).catch(() => {});
    if (!stopping && !restarting && current === service) current = start();
  }

  return {
    name: spec.name,
    logFile: spec.logFile,
    current: () => current,
    keep() {
      if (kept) return;
      kept = true;
      // It may have died while others were being started, before its deaths were answered.
      if (death) void startAgain(death);
    },
    async restart() {
      if (stopping || restarting) return;
      restarting = true;
      await current.stop({ graceMs: 10_000 });
      restarting = false;
      if (!stopping) current = start();
    },
    async stop(how) {
      stopping = true;
      cancelPause.abort();
      await current.stop(how);
    },
    kill: () => current.kill(),
  };
}
