/** Signals to processes of this host that are still the ones meant: a pid may have been given to another since. */
import { setTimeout as pause } from "node:timers/promises";
import { isSame, type ProcessEntry, processes, processOf, treeOf } from "./process-table.ts";

const KILLED_POLL_MS = 10;

/** A process that had this pid when it was started then. */
export type KnownProcess = Pick<ProcessEntry, "pid" | "startedAt">;

export async function signal(known: KnownProcess, name: NodeJS.Signals): Promise<void> {
  if (isSame(await processOf(known.pid), known)) send(known.pid, name);
}

/** Kills the groups of everything the process started, then waits until none of it is left. */
export async function killTree(root: KnownProcess): Promise<void> {
  if (!isSame(await processOf(root.pid), root)) return;
  let left = treeOf(root.pid, await processes());
  // Groups led from inside the tree, and no other: the tree may hold a process that joined somebody else's.
  const leaders = new Set(left.map(({ pid }) => pid));
  for (const groupId of new Set(left.map((entry) => entry.groupId))) {
    if (leaders.has(groupId)) send(-groupId, "SIGKILL");
  }
  for (const { pid } of left) send(pid, "SIGKILL");
  for (left = await stillThere(left); left.length > 0; left = await stillThere(left)) await pause(KILLED_POLL_MS);
}

async function stillThere(entries: readonly ProcessEntry[]): Promise<ProcessEntry[]> {
  const found = await Promise.all(entries.map(({ pid }) => processOf(pid)));
  return entries.filter((entry, position) => isSame(found[position], entry));
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
