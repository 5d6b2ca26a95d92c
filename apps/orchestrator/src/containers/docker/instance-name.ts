/**
 * The name of this copy of Bellows on an engine that it may share with others: what its containers are labelled with. It
 * follows the state folder, where no two processes run at a time. A key would not do: copies can have the same one, and one
 * can be changed while containers run. A folder that was copied is another, so the copy ends nothing of the original's.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InvalidError } from "@bellows/protocol/errors";
import * as z from "zod";

const FILE = "instance-id";
const idSchema = z.uuid();

/** 12 hexadecimal digits, made at the first start. @throws InvalidError when the folder cannot be used, or the file holds something else. */
export async function instanceName(stateDir: string): Promise<string> {
  await mkdir(stateDir, { recursive: true });
  const path = join(stateDir, FILE);
  const id = (await stored(path)) ?? (await made(path));
  return createHash("sha256")
    .update(`${id} ${await realpath(stateDir)}`)
    .digest("hex")
    .slice(0, 12);
}

async function stored(path: string): Promise<string | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const { data } = idSchema.safeParse(text.trim());
  if (data !== undefined) return data;
  throw new InvalidError(
    `${path} does not hold an id; delete it, and containers that run will be left to end by themselves`,
  );
}

/** Renamed into place: after a crash it is there whole, or not at all. */
async function made(path: string): Promise<string> {
  const id = randomUUID();
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, `${id}\n`);
  await rename(beside, path);
  return id;
}
