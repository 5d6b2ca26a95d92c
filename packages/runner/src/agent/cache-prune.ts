/**
 * Removes from the host's cache what no container has used for long, and, while it is too large, what was used longest
 * ago. Never what was used within a day: a container that runs says so (`cache-use.ts`). An entry goes by one rename, so
 * none is ever found in part; an agent killed half-way leaves what the next one removes, and several at once do no harm.
 */
import { randomUUID } from "node:crypto";
import type { Dirent } from "node:fs";
import { lstat, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { KEPT_AFTER_USE_MS, withCacheLock } from "./cache-use.ts";

const MAX_UNUSED_MS = 30 * 24 * 3_600_000;
const MAX_BYTES = 10 * 1024 * 1024 * 1024;
const FOLDERS = ["bundles", "packages"];

interface Entry {
  path: string;
  usedAtMs: number;
  /** A leftover of an agent that was killed. */
  isLeftover: boolean;
}

/** Returns the paths of what was removed. */
export async function pruneCache(
  cacheDir: string,
  { nowMs, maxBytes = MAX_BYTES }: { nowMs: number; maxBytes?: number },
): Promise<string[]> {
  const entries = await entriesOf(cacheDir);
  const unused = entries
    .filter(({ usedAtMs }) => nowMs - usedAtMs > KEPT_AFTER_USE_MS)
    .sort((a, b) => a.usedAtMs - b.usedAtMs);
  if (unused.length === 0) return [];
  const isOld = (entry: Entry) => entry.isLeftover || nowMs - entry.usedAtMs > MAX_UNUSED_MS;
  const old = new Set(unused.filter(isOld));
  const kept = entries.filter((entry) => !old.has(entry));
  const victims = [
    ...old,
    ...(await excessOf(
      kept,
      unused.filter((entry) => !old.has(entry)),
      maxBytes,
    )),
  ];
  const removed = await withCacheLock(cacheDir, async () => {
    const moved = await Promise.all(victims.map((entry) => moveAway(entry, nowMs)));
    return moved.filter((each) => each !== undefined);
  });
  for (const { to } of removed) await rm(to, { recursive: true, force: true });
  return removed.map(({ from }) => from);
}

/** Of these, oldest first, as many as must go so that all that is kept is no larger than `maxBytes`. */
async function excessOf(kept: readonly Entry[], unused: readonly Entry[], maxBytes: number): Promise<Entry[]> {
  if (unused.length === 0) return [];
  const sizes = new Map<Entry, number>();
  // One after the other: this has time, and the inputs that run beside it have not.
  for (const entry of kept) sizes.set(entry, await bytesOf(entry.path));
  let excess = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0) - maxBytes;
  return unused.filter((entry) => {
    if (excess <= 0) return false;
    excess -= sizes.get(entry) ?? 0;
    return true;
  });
}

/** Undefined when it is in use by now, or another agent was quicker. */
async function moveAway({ path, isLeftover }: Entry, nowMs: number): Promise<{ from: string; to: string } | undefined> {
  const usedAtMs = await timeOf(path);
  if (usedAtMs === undefined || nowMs - usedAtMs <= KEPT_AFTER_USE_MS) return undefined;
  if (isLeftover) return { from: path, to: path };
  const to = join(dirname(path), `.removed-${randomUUID()}`);
  return await rename(path, to).then(
    () => ({ from: path, to }),
    () => undefined,
  );
}

/** Bundles and packages of every platform and version of Node that has used this cache. */
async function entriesOf(cacheDir: string): Promise<Entry[]> {
  const kinds = (await contentsOf(cacheDir)).filter((entry) => entry.isDirectory());
  const folders = kinds.flatMap(({ name }) => FOLDERS.map((folder) => join(cacheDir, name, folder)));
  const entries: Entry[] = [];
  for (const folder of folders) {
    for (const { name } of await contentsOf(folder)) {
      const path = join(folder, name);
      const usedAtMs = await timeOf(path);
      const isLeftover = name.startsWith(".") || name.endsWith(".lock");
      if (usedAtMs !== undefined) entries.push({ path, usedAtMs, isLeftover });
    }
  }
  return entries;
}

async function contentsOf(folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch(() => []);
}

async function timeOf(path: string): Promise<number | undefined> {
  return await lstat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

async function bytesOf(path: string): Promise<number> {
  const files = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => []);
  let bytes = 0;
  for (const file of files) {
    if (!file.isFile()) continue;
    bytes += await lstat(join(file.parentPath, file.name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}
