/**
 * Which processes there are. A process is known by its number and when it started, for the number alone is used again
 * by strangers. Reads /proc on Linux and asks `ps` elsewhere; what has ended and is merely unreaped is not listed.
 */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

export interface ProcessEntry {
  pid: number;
  parentPid: number;
  groupId: number;
  /** Opaque; differs between two processes that had the same number. */
  startedAt: string;
}

export async function processes(): Promise<ProcessEntry[]> {
  if (process.platform !== "linux") return await processesFromPs(["-A"]);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(pids.map(processFromProc));
  return entries.filter((entry) => entry !== undefined);
}

export async function processOf(pid: number): Promise<ProcessEntry | undefined> {
  return process.platform === "linux" ? await processFromProc(pid) : (await processesFromPs(["-p", String(pid)]))[0];
}

/** The process that was started with this argument. */
export async function processWithArgument(argument: string): Promise<ProcessEntry | undefined> {
  for (const entry of await processes()) {
    if ((await argumentsOf(entry.pid)).includes(argument)) return entry;
  }
  return undefined;
}

/** The process of that number and everything it started, as far as it has not cut itself loose. */
export function treeOf(pid: number, all: readonly ProcessEntry[]): ProcessEntry[] {
  const tree = all.filter((entry) => entry.pid === pid);
  // Grows while it is walked: the children of children are found in turn.
  for (const { pid: parentPid } of tree) tree.push(...all.filter((entry) => entry.parentPid === parentPid));
  return tree;
}

export function isSame(a: ProcessEntry | undefined, b: { pid: number; startedAt: string }): boolean {
  return a !== undefined && a.pid === b.pid && a.startedAt === b.startedAt;
}

let bootId: Promise<string> | undefined;

async function processFromProc(pid: number): Promise<ProcessEntry | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1");
    // The command in parentheses may hold anything; after the last one come state, ppid, pgrp; starttime is field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, parentPid, groupId] = fields;
    if (state === "Z" || state === "X") return undefined;
    // Start times count from boot, and so repeat after a reboot.
    bootId ??= readFile("/proc/sys/kernel/random/boot_id", "latin1").catch(() => "");
    const startedAt = `${(await bootId).trim()}:${fields[19]}`;
    return { pid, parentPid: Number(parentPid), groupId: Number(groupId), startedAt };
  } catch {
    return undefined;
  }
}

async function processesFromPs(which: string[]): Promise<ProcessEntry[]> {
  const text = await ps([...which, "-o", "pid=,ppid=,pgid=,stat=,lstart="]);
  return text.split("\n").flatMap((line) => {
    const [pid, parentPid, groupId, state, ...startedAt] = line.trim().split(/\s+/);
    if (!pid || state?.startsWith("Z")) return [];
    return [
      { pid: Number(pid), parentPid: Number(parentPid), groupId: Number(groupId), startedAt: startedAt.join(" ") },
    ];
  });
}

async function argumentsOf(pid: number): Promise<string[]> {
  if (process.platform !== "linux") return (await ps(["-p", String(pid), "-o", "args="])).trim().split(" ");
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
}

/** `ps` ends with status 1 when there is no such process. */
function ps(args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile("ps", args, { maxBuffer: 16 * 1024 * 1024 }, (_error, stdout) => resolve(stdout));
  });
}
