/**
 * What an agent does for the host's cache while it runs: it says again and again that its own entries are in use, and
 * removes what nobody uses, if no other agent of the host has looked lately.
 */
import { stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pruneCache } from "./cache-prune.ts";
import { markUsed, packagesOf } from "./cache-use.ts";

const FIRST_MS = 60_000;
const EVERY_MS = 30 * 60_000;
const PRUNE_EVERY_MS = 6 * 3_600_000;

/** Runs until the process ends, and does not keep it. */
export function startCacheUpkeep(cacheDir: string, modulePath: string): void {
  const look = () => keep(cacheDir, modulePath).catch((error: unknown) => console.error("the cache:", error));
  setTimeout(look, FIRST_MS).unref();
  setInterval(look, EVERY_MS).unref();
}

async function keep(cacheDir: string, modulePath: string): Promise<void> {
  const folder = dirname(modulePath);
  const packages = await packagesOf(folder);
  for (const used of [folder, packages]) if (used !== undefined) await markUsed(used, cacheDir);
  const markPath = join(cacheDir, "pruned");
  const lookedAtMs = await stat(markPath).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if (Date.now() - lookedAtMs < PRUNE_EVERY_MS) return;
  // Before the work, so that of several agents one does it.
  await writeFile(markPath, "");
  const removed = await pruneCache(cacheDir, { nowMs: Date.now() });
  if (removed.length > 0) console.error(`removed ${removed.length} unused entries from ${cacheDir}`);
}
