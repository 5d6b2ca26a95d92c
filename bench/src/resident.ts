/** The resident memory of a process, in megabytes (10^6 bytes). */
import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

const LOOK_MS = 1_000;
/** Settled when no look for so long finds less than before; never later than the other. */
const STEADY_LOOKS = 10;
const MAX_LOOKS = 60;
const PEAK_LOOK_MS = 100;
const KIB_IN_MB = 1_024 / 1_000_000;

/** `ps` says it in KiB on Linux and macOS alike. */
function residentMb(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * KIB_IN_MB;
}

export async function settledMb(pid: number): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY;
  let steady = 0;
  for (let look = 0; look < MAX_LOOKS && steady < STEADY_LOOKS; look++) {
    const now = residentMb(pid);
    steady = now < lowest ? 0 : steady + 1;
    lowest = Math.min(lowest, now);
    await delay(LOOK_MS);
  }
  return lowest;
}

/** The most it takes while `work` goes on. */
export async function peakMb<T>(pid: number, work: Promise<T>): Promise<{ peak: number; result: T }> {
  let peak = residentMb(pid);
  const looks = setInterval(() => {
    peak = Math.max(peak, residentMb(pid));
  }, PEAK_LOOK_MS);
  try {
    return { result: await work, peak };
  } finally {
    clearInterval(looks);
  }
}
