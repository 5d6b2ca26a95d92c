/**
 * Files of the state folder that only this user may read. Written beside, synced and renamed, so that a crash, of
 * the machine too, leaves the old file or the new one, never half of one or none.
 */
import { mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { InvalidError } from "@bellows/protocol/errors";

/** Undefined when there is no such file. @throws InvalidError when it cannot be read. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new InvalidError(`${path} cannot be read (${codeOf(error)}); make it readable for this user`, {
      cause: error,
    });
  }
}

/** @throws InvalidError when the folder cannot be written. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(beside, text, { mode: 0o600, flush: true });
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw new InvalidError(
      `the state folder ${dirname(path)} cannot be written (${codeOf(error)}); make it writable, or set BELLOWS_STATE_DIR to a folder that is`,
      { cause: error },
    );
  }
}

/** So that the new name is there after a crash of the machine: what the database keeps may already depend on it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
