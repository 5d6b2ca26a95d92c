/**
 * The containers of one instance as files in its state folder, one each, so that an orchestrator that was killed finds
 * them again and two instances never see each other's. A record is reserved before its process is started and
 * completed after, by a rename: one without a process id stands for a start that was cut short.
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConflictError, StartupError } from "@bellows/protocol/errors";
import * as z from "zod";

const recordSchema = z.object({
  containerId: z.string(),
  functionId: z.string().nullable(),
  deploymentId: z.string().nullable(),
  createdAtMs: z.number(),
  gpus: z.array(z.object({ id: z.string(), name: z.string() })).default([]),
  process: z.object({ pid: z.number().int().positive(), startedAt: z.string() }).nullable(),
});
export type ContainerRecord = z.infer<typeof recordSchema>;

export interface ContainerPaths {
  record: string;
  /** Where the agent leaves its exit status. */
  exitStatus: string;
  /** What the agent itself prints. */
  log: string;
  /** The folder the user's code starts in. */
  work: string;
}

export function containerPaths(stateDir: string, containerId: string): ContainerPaths {
  return {
    record: join(stateDir, "containers", `${containerId}.json`),
    exitStatus: join(stateDir, "containers", `${containerId}.exit`),
    log: join(stateDir, "logs", "containers", `${containerId}.log`),
    work: join(stateDir, "work", containerId),
  };
}

/** @throws ConflictError when the id is taken; StartupError when the state folder cannot be written. */
export async function reserve(stateDir: string, record: ContainerRecord): Promise<void> {
  const paths = containerPaths(stateDir, record.containerId);
  try {
    await Promise.all(
      [join(stateDir, "containers"), join(stateDir, "logs", "containers"), paths.work].map((folder) =>
        mkdir(folder, { recursive: true }),
      ),
    );
    const file = await open(paths.record, "wx", 0o600);
    await file.writeFile(JSON.stringify(record)).finally(() => file.close());
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST" && "path" in error) {
      if (error.path === paths.record) throw new ConflictError(`there is a container ${record.containerId} already`);
    }
    const text = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      `the state folder ${stateDir} cannot be written: ${text}; give this user the right to, or set BELLOWS_STATE_DIR to another folder`,
      { cause: error },
    );
  }
}

export async function complete(stateDir: string, record: ContainerRecord): Promise<void> {
  const { record: path } = containerPaths(stateDir, record.containerId);
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
  await rename(temporary, path);
}

/** Unreadable ones are skipped: they can only be of a start that was cut short before there was a process. */
export async function readRecords(stateDir: string): Promise<ContainerRecord[]> {
  const folder = join(stateDir, "containers");
  const names = await readdir(folder).catch(() => []);
  const records = await Promise.all(
    names
      .filter((name) => name.endsWith(".json"))
      .map(async (name) => {
        const text = await readFile(join(folder, name), "utf8").catch(() => "");
        return recordSchema.safeParse(json(text)).data;
      }),
  );
  return records.filter((record) => record !== undefined);
}

/** Removes all that a container leaves in the state folder. */
export async function forget(stateDir: string, containerId: string): Promise<void> {
  const paths = containerPaths(stateDir, containerId);
  await rm(paths.work, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  await Promise.all([paths.log, paths.exitStatus].map((path) => rm(path, { force: true }))).catch(() => {});
  // Last: while there is a record, what else is left can be found.
  await rm(paths.record, { force: true });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
