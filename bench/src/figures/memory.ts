/** What a million waiting inputs cost the orchestrator, above what it takes when idle. */
import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Bed } from "../bed.ts";
import type { Figure } from "../figure.ts";
import { holdContainer } from "../gate.ts";
import { spawnMap } from "../spawn-map.ts";

const INPUTS = 1_000_000;
const LOOK_MS = 1_000;
/** Settled when no look for so long finds less than before; never later than the other. */
const STEADY_LOOKS = 10;
const MAX_LOOKS = 60;
const MIB = 1_024;

export async function memoryFigures(bed: Bed): Promise<Figure[]> {
  const pid = await bed.stack.pidOf("orchestrator");
  await holdContainer(bed);
  const idle = await settledMiB(pid);
  await spawnMap(bed, "noop", INPUTS).stored;
  const pending = await settledMiB(pid);
  return [
    { name: "orchestrator when idle", value: idle, unit: "MiB" },
    { name: "1,000,000 waiting inputs, above idle", value: pending - idle, unit: "MiB" },
  ];
}

async function settledMiB(pid: number): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY;
  let steady = 0;
  for (let look = 0; look < MAX_LOOKS && steady < STEADY_LOOKS; look++) {
    const now = residentMiB(pid);
    steady = now < lowest ? 0 : steady + 1;
    lowest = Math.min(lowest, now);
    await delay(LOOK_MS);
  }
  return lowest;
}

/** `ps` says it in KiB on Linux and macOS alike. */
function residentMiB(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / MIB;
}
