/**
 * One long-running process in a process group of its own, so that a Ctrl-C in the terminal reaches the supervisor
 * alone and the order of stopping is ours. Its output goes to a file that outlives it; the sentence it ends with
 * (`bellows: ...`, the last such line it wrote) is read back from there.
 */
import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { recordOf, signalGroup, signalProcess } from "../setup/processes.mjs";

const MAX_LOG_BYTES = 16 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;

/**
 * @typedef {object} ServiceSpec
 * @property {string} name as people read it: "orchestrator"
 * @property {string[]} command arguments of this Node: a script and its arguments
 * @property {string} cwd
 * @property {Record<string, string | undefined>} env
 * @property {string} logFile
 *
 * @typedef {{ signal?: "SIGTERM" | "SIGINT", graceMs: number }} StopOptions SIGTERM unless told otherwise
 *
 * @typedef {object} Ending
 * @property {string} how "exit code 1", "signal SIGKILL"
 * @property {string | undefined} sentence what it said last, for people
 *
 * @typedef {object} RunningService
 * @property {import("../setup/processes.mjs").ProcessRecord} record
 * @property {Promise<Ending>} ended
 * @property {boolean} isOver
 * @property {(how: StopOptions) => Promise<void>} stop asks it to end, then SIGKILL for whatever of its group is left
 * @property {() => void} kill at once
 */

/** @param {ServiceSpec} spec @returns {RunningService} */
export function startService({ name, command, cwd, env, logFile }) {
  rotate(logFile);
  const log = openSync(logFile, "a");
  const from = fstatSync(log).size;
  const child = spawn(process.execPath, command, { cwd, env, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  const pid = child.pid ?? 0;
  const service = {
    record: recordOf(name, pid),
    isOver: false,
    /** @type {Promise<Ending>} */
    ended: new Promise((resolve) => {
      /** @param {string} how */
      const end = (how) => {
        service.isOver = true;
        signalGroup(pid, "SIGKILL");
        resolve({ how, sentence: lastSentence(logFile, from) });
      };
      child.once("error", (error) => end(error.message));
      child.once("exit", (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`));
    }),
    /** @param {StopOptions} how */
    async stop({ signal = "SIGTERM", graceMs }) {
      if (service.isOver) return;
      signalProcess(pid, signal);
      const timer = setTimeout(service.kill, graceMs);
      await service.ended;
      clearTimeout(timer);
    },
    kill: () => signalGroup(pid, "SIGKILL"),
  };
  return service;
}

/** The last line since byte `from` that is meant for people, without its mark. @param {string} logFile @param {number} from */
function lastSentence(logFile, from) {
  const lines = readTail(logFile, from).split("\n");
  return lines
    .findLast((line) => line.startsWith("bellows: "))
    ?.slice("bellows: ".length)
    .trim();
}

/** @param {string} logFile @param {number} from */
function readTail(logFile, from) {
  const file = openSync(logFile, "r");
  try {
    const end = fstatSync(file).size;
    const start = Math.max(from, end - TAIL_BYTES, 0);
    const bytes = Buffer.alloc(Math.max(0, end - start));
    readSync(file, bytes, 0, bytes.length, start);
    return bytes.toString("utf8");
  } finally {
    closeSync(file);
  }
}

/** Keeps one old log beside the current one. @param {string} logFile */
function rotate(logFile) {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
}
