/**
 * CPU time and resident memory of the worker and the processes it started. On Linux two small reads of /proc; elsewhere
 * one `ps`, which costs a process, so callers ask less often there (`SAMPLE_INTERVAL_MS`).
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Usage {
  /** CPU time used by the worker since it started. */
  cpuMs: number;
  rssBytes: number;
  /** Of the worker and its children. Pages they share are counted in each. */
  treeRssBytes: number;
}

export const SAMPLE_INTERVAL_MS = process.platform === "linux" ? 250 : 1_000;

/** Undefined when there is no such process any more. */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  return process.platform === "linux" ? usageFromProc(pid) : await usageFromPs(pid);
}

/** USER_HZ, which is 100 on every architecture that Node supports. */
const CLOCK_TICK_MS = 10;

function usageFromProc(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command in parentheses may hold anything; the numbers start after the last one. man 5 proc: utime is field 14.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const cpuMs = (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
    const rssBytes = rssFromProc(pid);
    return { cpuMs, rssBytes, treeRssBytes: rssBytes + childrenRssFromProc(pid) };
  } catch {
    return undefined;
  }
}

function rssFromProc(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return Number(kib ?? 0) * 1_024;
}

function childrenRssFromProc(pid: number): number {
  let bytes = 0;
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean).map(Number);
    for (const child of children) bytes += rssFromProc(child) + childrenRssFromProc(child);
  } catch {
    // A child that has just ended, or a kernel that does not list children.
  }
  return bytes;
}

function usageFromPs(pid: number): Promise<Usage | undefined> {
  return new Promise((resolve) => {
    execFile("ps", ["-o", "rss=,time=", "-p", String(pid)], (error, stdout) => {
      const [rssKiB, time] = stdout.trim().split(/\s+/);
      if (error || !rssKiB || !time) return resolve(undefined);
      const rssBytes = Number(rssKiB) * 1_024;
      resolve({ cpuMs: millisecondsOf(time), rssBytes, treeRssBytes: rssBytes });
    });
  });
}

/** `[[hours:]minutes:]seconds`, the seconds possibly with a fraction. */
function millisecondsOf(time: string): number {
  return time.split(":").reduce((total, part) => total * 60 + Number(part), 0) * 1_000;
}
