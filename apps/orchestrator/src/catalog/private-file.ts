/**
 * Files of the state folder that only this user may read. Written beside and renamed, so that a crash leaves the old
 * file or the new one, never half of one.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
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
    await writeFile(beside, text, { mode: 0o600 });
    await rename(beside, path);
  } catch (error) {
    throw new InvalidError(
      `the state folder ${dirname(path)} cannot be written (${codeOf(error)}); make it writable, or set BELLOWS_STATE_DIR to a folder that is`,
      { cause: error },
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
