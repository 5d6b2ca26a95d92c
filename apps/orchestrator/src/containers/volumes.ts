/**
 * Volumes: folders of this host that the containers of an environment share, each under its name. One is made when a container
 * first asks for it, and stays until somebody deletes it.
 */
import { chmod, lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { InvalidError, StartupError } from "@bellows/protocol/errors";
import { VOLUME_NAME } from "@bellows/protocol/volumes";

export interface VolumeMount {
  /** Of the environment that shares it. */
  environmentId: string;
  name: string;
  /** Where the code finds it, in a container that has a file system of its own. */
  path: string;
}

/** @throws StartupError when it cannot be made. */
export async function volumeFolder(stateDir: string, { environmentId, name }: VolumeMount): Promise<string> {
  const folder = volumePathOf(stateDir, environmentId, name);
  try {
    await mkdir(folder, { recursive: true });
    const { uid, mode } = await lstat(folder);
    // The user of a container is nobody here. Who may not enter the state folder does not get there. Killed in between,
    // the next container that asks for it finds it so.
    if (uid === process.getuid?.() && (mode & 0o777) !== 0o777) await chmod(folder, 0o777);
    return folder;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the volume "${name}" could not be made: ${text}; give this user the right to`, {
      cause: error,
    });
  }
}

/** What code is told of its volumes: by name, where each is for it. Read by `volumePath` of the SDK. */
export function volumeVariables(paths: Readonly<Record<string, string>>): Record<string, string> {
  return Object.keys(paths).length === 0 ? {} : { BELLOWS_VOLUMES: JSON.stringify(paths) };
}

/** Names are checked long before; what would leave the folder of volumes is not let through here either. */
export function volumePathOf(stateDir: string, environmentId: string, name: string): string {
  if (VOLUME_NAME.test(name)) return join(volumesFolder(stateDir, environmentId), name);
  throw new InvalidError(`${JSON.stringify(name)} cannot name a volume; deploy with another name`);
}

export function volumesFolder(stateDir: string, environmentId: string): string {
  return join(stateDir, "volumes", environmentId);
}
