/**
 * The volumes that lie on this host: how much is in them, and deleting one. A delete first moves the folder away: killed
 * half-way the volume is gone, and what is left of it goes with the next delete.
 */
import { lstat, opendir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ConflictError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { VOLUME_NAME } from "@bellows/protocol/volumes";
import { volumePathOf, volumesFolder } from "./volumes.ts";

export interface VolumeSize {
  bytes: number;
  /** False: there is more than was counted. */
  isWhole: boolean;
}

export interface VolumeStore {
  /** By name. */
  list(environmentId: string): Promise<Map<string, VolumeSize>>;
  /** From here on it is no volume any more. False when there is none. */
  putAway(environmentId: string, name: string): Promise<boolean>;
  /** Deletes the files of all that was put away. @throws ConflictError for those that this user may not delete. */
  clear(environmentId: string): Promise<void>;
}

/** So many files are looked at; counting them took 0.2 to 0.6 s on two busy cores. */
const COUNTED_FILES = 10_000;
/** A size is good for so many times as long as it took to count: a console that stays open costs a hundredth of a core. */
const REST = 100;
/** No name of a volume begins like this. */
const DELETED = ".deleted-";

export function openVolumeStore(
  stateDir: string,
  { now, countedFiles = COUNTED_FILES }: { now: () => number; countedFiles?: number },
): VolumeStore {
  const sizes = new Map<string, { size: Promise<VolumeSize>; goodUntilMs: number }>();

  function sizeOf(folder: string): Promise<VolumeSize> {
    const beganAtMs = now();
    const known = sizes.get(folder);
    if (known && beganAtMs < known.goodUntilMs) return known.size;
    const counted = { size: countBytes(folder, countedFiles), goodUntilMs: Number.POSITIVE_INFINITY };
    sizes.set(folder, counted);
    void counted.size.then(() => {
      const endedAtMs = now();
      counted.goodUntilMs = endedAtMs + (endedAtMs - beganAtMs) * REST;
    });
    return counted.size;
  }

  return {
    async list(environmentId) {
      const names = (await namesIn(volumesFolder(stateDir, environmentId))).filter((name) => VOLUME_NAME.test(name));
      const found = new Map<string, VolumeSize>();
      for (const name of names.sort()) found.set(name, await sizeOf(volumePathOf(stateDir, environmentId, name)));
      return found;
    },
    async putAway(environmentId, name) {
      const folder = volumePathOf(stateDir, environmentId, name);
      const wasThere = await moved(folder, join(volumesFolder(stateDir, environmentId), `${DELETED}${newId()}`));
      sizes.delete(folder);
      return wasThere;
    },
    async clear(environmentId) {
      const all = volumesFolder(stateDir, environmentId);
      try {
        const left = (await namesIn(all)).filter((each) => each.startsWith(DELETED));
        for (const each of left) await rm(join(all, each), { recursive: true, force: true, maxRetries: 3 });
      } catch (error) {
        throw new ConflictError(
          `the volume is gone, but not all of its files: ${codeOf(error)}. They belong to the user of containers; ` +
            `delete ${DELETED}* in volumes/${environmentId} of the state folder as root`,
          { cause: error },
        );
      }
    },
  };
}

/** What is not there or may not be read is not counted. */
async function countBytes(folder: string, maxFiles: number): Promise<VolumeSize> {
  const size = { bytes: 0, isWhole: true };
  const folders = [folder];
  let files = 0;
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    try {
      for await (const entry of await opendir(next)) {
        if (++files > maxFiles) return { ...size, isWhole: false };
        const path = join(next, entry.name);
        if (entry.isDirectory()) folders.push(path);
        else if (entry.isFile()) size.bytes += (await lstat(path)).size;
      }
    } catch (error) {
      // A file that a container has just deleted is no reason to say that something was left out.
      if (codeOf(error) !== "ENOENT") size.isWhole = false;
    }
  }
  return size;
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** False when there is nothing to move. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
