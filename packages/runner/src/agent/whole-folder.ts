/**
 * A folder that appears complete, by one rename, where other agents look for it and may be putting the same one. An
 * incomplete one in its way goes by one rename, too, under the cache's lock: without it, what is moved away might be the
 * complete one that another agent has put there since. An agent killed in between leaves what `cache-prune.ts` removes.
 */
import { randomUUID } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { withCacheLock } from "./cache-use.ts";

interface Place {
  path: string;
  isComplete: (path: string) => boolean;
  cacheDir: string;
}

/** Afterwards there is a complete folder at the place: this one, or another agent's. */
export async function putFolder(from: string, place: Place): Promise<void> {
  if (hasAppeared(from, place)) return;
  await withCacheLock(place.cacheDir, async () => {
    if (place.isComplete(place.path)) return;
    const aside = join(dirname(place.path), `.removed-${randomUUID()}`);
    moveAway(place.path, aside);
    // Another agent may put its own by now; who finds the place free needs no lock.
    if (!hasAppeared(from, place)) throw new Error(`${place.path} is filled again and again with what is not complete`);
    rmSync(aside, { recursive: true, force: true });
  });
}

/** A lock can have two holders for a moment: the other may have moved it by now. */
function moveAway(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (existsSync(path)) throw error;
  }
}

/** False when what is in its way is not complete. */
function hasAppeared(from: string, { path, isComplete }: Place): boolean {
  try {
    renameSync(from, path);
    return true;
  } catch (error) {
    if (isComplete(path)) return true;
    if (!existsSync(path)) throw error;
    return false;
  }
}
