/**
 * When the entries of the host's cache (bundles, installed packages) were used last: the time of their folders. An agent
 * sets it when it starts and goes on setting it while it runs, so what a container may still load from is never old.
 *
 * Between finding an old entry and using it, another agent could remove it; so an old one is set, and removed, under one
 * lock only. One that was used lately nobody removes, and finding it costs no more than one look at the folder.
 */
import { mkdir, readlink, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { withFileLock } from "./file-lock.ts";

const HOUR_MS = 3_600_000;
/** Nothing is removed that was used so lately, however full the cache is. */
export const KEPT_AFTER_USE_MS = 24 * HOUR_MS;
/** A host that slept may wake up with containers that have not set their times for long. */
const USED_AGAIN_MS = HOUR_MS;

/** Says that this entry is in use. Returns whether it is there. */
export async function markUsed(folder: string, cacheDir: string): Promise<boolean> {
  const unusedMs = await unusedForMs(folder);
  if (unusedMs === undefined) return false;
  if (unusedMs < USED_AGAIN_MS) return true;
  if (unusedMs < KEPT_AFTER_USE_MS - HOUR_MS) return await touch(folder);
  // Who may not write into the cache cannot hold its lock, and need not fail for it.
  return await withCacheLock(cacheDir, () => touch(folder)).catch(() => touch(folder));
}

/** While one agent judges what is old, none begins to use it. */
export async function withCacheLock<T>(cacheDir: string, work: () => Promise<T>): Promise<T> {
  await mkdir(cacheDir, { recursive: true });
  return await withFileLock(join(cacheDir, "cache.lock"), work);
}

/** The folder of installed packages that a bundle's folder uses, if it uses any. */
export async function packagesOf(bundleFolder: string): Promise<string | undefined> {
  return await readlink(join(bundleFolder, "node_modules")).then(
    (modules) => join(modules, ".."),
    () => undefined,
  );
}

async function unusedForMs(folder: string): Promise<number | undefined> {
  return await stat(folder).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => undefined,
  );
}

async function touch(folder: string): Promise<boolean> {
  const now = new Date();
  return await utimes(folder, now, now).then(
    () => true,
    async () => (await unusedForMs(folder)) !== undefined,
  );
}
