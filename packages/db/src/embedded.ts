/**
 * A Postgres of our own in a folder: `data` (the cluster), `password` (mode 0600), `postgres.log`, `supervisor.pid`.
 * It listens on loopback only. A cluster is made aside and renamed into place, so a start that is killed leaves either
 * no cluster or a whole one; a Postgres left running by a killed supervisor is stopped before the next is started.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, chown, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ConflictError, ConnectionError, InvalidError } from "@bellows/protocol/errors";
import pg from "pg";
import { connect, sqlStateOf } from "./connect.ts";
import { findBinaries, type PostgresBinaries } from "./embedded-binaries.ts";
import { type ProcessOwner, pathInWorkingFolder, processOwner } from "./embedded-owner.ts";
import { freePort } from "./free-port.ts";
import { findPostmaster, parentOf, stopPostmaster } from "./postmaster.ts";

export interface EmbeddedPostgres {
  /** With user and password, to the database `database`. */
  url: string;
  port: number;
  pid: number;
  /** Resolves when the server has ended, asked for or not. */
  exited: Promise<void>;
  /** Ends open sessions, writes everything down, and resolves when the process is gone. Safe twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Made when missing. */
  folder: string;
  /** On 127.0.0.1; a free one when not given. */
  port?: number;
  /** Made when missing. */
  database?: string;
  /** False loses data when the machine crashes and is faster: for tests. */
  durable?: boolean;
  /** True keeps Ctrl-C in a terminal from reaching Postgres before the processes that still write to it. */
  ownProcessGroup?: boolean;
}

const USER = "bellows";
const HOST = "127.0.0.1";
const POLL_MS = 20;
/** Recovery after a crash of the machine may take this long. */
const START_PATIENCE_MS = 300_000;
const START_ATTEMPTS = 50;
const START_AGAIN_MS = 200;
const LOG_TAIL_CHARS = 1_000;
const LOG_BYTES = 8 * 1024 * 1024;
const CANNOT_CONNECT_NOW = "57P03";

/** @throws InvalidError (folder or platform), ConflictError (port taken, folder in use or of another Postgres), ConnectionError (it does not start). */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { database = "bellows", durable = true, ownProcessGroup = true } = options;
  const folder = await writableFolder(options.folder);
  const dataFolder = join(folder, "data");
  const owner = await processOwner();
  const binaries = await findBinaries(owner, folder);
  await endLeftover(folder, dataFolder);
  await refuseOtherMajor(dataFolder, binaries.major);
  const password = await preparedCluster({ folder, dataFolder, owner, binaries, durable });

  const port = await portFor(options.port ?? 0);
  const urlOf = (name: string) => `postgres://${USER}:${password}@${HOST}:${port}/${name}`;
  await writeFile(join(folder, "supervisor.pid"), String(process.pid));
  const logPath = join(folder, "postgres.log");
  const args = ["-D", pathInWorkingFolder(owner, dataFolder, "."), "-p", String(port), ...settings(durable)];
  const { child, exited } = await startServer(urlOf("postgres"), logPath, (log) =>
    spawn(binaries.postgres, args, {
      ...owner,
      cwd: dataFolder,
      env: { LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", log, log],
      detached: ownProcessGroup,
    }),
  );
  await ensureDatabase(urlOf("postgres"), database);

  const pid = child.pid ?? 0;
  let stopping: Promise<void> | undefined;
  return {
    url: urlOf(database),
    port,
    pid,
    exited,
    stop: () => {
      stopping ??= stopPostmaster(pid, dataFolder).then(() => exited);
      return stopping;
    },
  };
}

function settings(durable: boolean): string[] {
  const given: Record<string, string> = {
    listen_addresses: HOST,
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "256MB",
    max_wal_size: "4GB",
    checkpoint_timeout: "15min",
    // Every query here is short; compiling one costs more than it saves.
    jit: "off",
    random_page_cost: "1.1",
    log_checkpoints: "off",
    // A commit is still handed to the operating system before it is reported: it survives the death of Postgres.
    ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
  };
  return Object.entries(given).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

async function writableFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    const probe = join(folder, ".writable");
    await writeFile(probe, "");
    await rm(probe);
    // The server may run as another user, who has to get through to `data`; the password keeps its own mode.
    await chmod(folder, 0o711);
    return await realpath(folder);
  } catch (cause) {
    throw new InvalidError(
      `the folder ${folder} cannot be written (${sqlStateOf(cause)}); give Bellows a state folder that it may write, with BELLOWS_STATE_DIR`,
      { cause },
    );
  }
}

async function endLeftover(folder: string, dataFolder: string): Promise<void> {
  const pid = await findPostmaster(dataFolder);
  if (pid === undefined) return;
  const supervisor = Number(await readFile(join(folder, "supervisor.pid"), "utf8").catch(() => ""));
  // The child of a killed supervisor is handed to another parent.
  if (supervisor > 0 && (await parentOf(pid)) === supervisor) {
    throw new ConflictError(
      `${folder} is in use by the Bellows of process ${supervisor}; stop it first, or set BELLOWS_STATE_DIR to another folder`,
    );
  }
  await stopPostmaster(pid, dataFolder);
}

async function refuseOtherMajor(dataFolder: string, major: number): Promise<void> {
  const version = (await readFile(join(dataFolder, "PG_VERSION"), "utf8").catch(() => "")).trim();
  if (version === "" || Number(version) === major) return;
  throw new ConflictError(
    `${dataFolder} was made by Postgres ${version}, and this Bellows brings Postgres ${major}; set BELLOWS_STATE_DIR to another folder, or run Postgres ${version} on it and set BELLOWS_DATABASE_URL`,
  );
}

interface ClusterOptions {
  folder: string;
  dataFolder: string;
  owner: ProcessOwner;
  binaries: PostgresBinaries;
  durable: boolean;
}

/** Makes the cluster when there is none; returns its password. */
async function preparedCluster({ folder, dataFolder, owner, binaries, durable }: ClusterOptions): Promise<string> {
  const passwordFile = join(folder, "password");
  if (await exists(join(dataFolder, "PG_VERSION"))) {
    return readFile(passwordFile, "utf8").catch((cause) => {
      throw new InvalidError(
        `${passwordFile} cannot be read, and without it the database beside it cannot be opened; restore the file, or remove ${folder} to begin anew`,
        { cause },
      );
    });
  }
  const password = randomBytes(24).toString("base64url");
  await writeFile(passwordFile, password, { mode: 0o600 });
  const newFolder = join(folder, "data.new");
  const newPassword = join(folder, "password.new");
  await rm(newFolder, { recursive: true, force: true });
  await mkdir(newFolder, { mode: 0o700 });
  await writeFile(newPassword, password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) {
    await chown(newFolder, owner.uid, owner.gid);
    await chown(newPassword, owner.uid, owner.gid);
  }
  try {
    await initdb(binaries.initdb, { ...owner, cwd: newFolder }, [
      `--pgdata=${pathInWorkingFolder(owner, newFolder, ".")}`,
      `--pwfile=${pathInWorkingFolder(owner, newFolder, "../password.new")}`,
      `--username=${USER}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // Part of Postgres itself: the same order of text on every machine, whatever its locales are.
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      ...(durable ? [] : ["--no-sync"]),
    ]);
  } finally {
    await rm(newPassword, { force: true });
  }
  await rename(newFolder, dataFolder);
  return password;
}

async function initdb(binary: string, as: ProcessOwner & { cwd: string }, args: string[]): Promise<void> {
  const child = spawn(binary, args, { ...as, env: { LC_ALL: "C", TZ: "UTC" }, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const [status] = await once(child, "close");
  if (status !== 0) throw new ConnectionError(`the database could not be made: ${errors.trim()}`);
}

/** @throws ConflictError when `wanted` (0: any) is taken. */
async function portFor(wanted: number): Promise<number> {
  return await freePort(wanted).catch((cause: unknown) => {
    throw new ConflictError(`port ${wanted} on ${HOST} cannot be used for Postgres (${sqlStateOf(cause)}); free it`, {
      cause,
    });
  });
}

async function openLog(path: string) {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_BYTES) await rename(path, `${path}.old`);
  return open(path, "a", 0o600);
}

/**
 * Starts until it answers. One that ends again is started again for a while: the processes of a server that was
 * killed hold its memory for a moment longer than it lives, and no new server starts before that.
 */
async function startServer(url: string, logPath: string, spawnServer: (log: number) => ChildProcess) {
  for (let attempt = 1; ; attempt++) {
    const log = await openLog(logPath);
    const child = spawnServer(log.fd);
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (status, signal) => resolve(`it ended with ${signal ?? `status ${status}`}`));
    });
    await log.close();
    const asking = new AbortController();
    const end = await Promise.race([ended, answering(url, asking.signal)])
      .catch((error: unknown) => {
        child.kill("SIGINT");
        throw error;
      })
      .finally(() => asking.abort());
    if (end === undefined) return { child, exited: ended.then(() => {}) };
    const text = (await readFile(logPath, "utf8").catch(() => "")).trim();
    if (!/shared memory block/.test(text.slice(-LOG_TAIL_CHARS)) || attempt === START_ATTEMPTS) {
      const lastLines = text.split("\n").slice(-3).join(" | ");
      throw new ConnectionError(
        `the embedded Postgres did not start: ${end} (${lastLines}); the whole log is ${logPath}`,
      );
    }
    await delay(START_AGAIN_MS);
  }
}

/** Resolves when the server takes queries. */
async function answering(url: string, signal: AbortSignal): Promise<undefined> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    try {
      const client = await connect(url);
      return await client.end().then(() => undefined);
    } catch (error) {
      const code = sqlStateOf(error instanceof Error ? error.cause : undefined);
      const starting = code === "ECONNREFUSED" || code === "ECONNRESET" || code === CANNOT_CONNECT_NOW;
      if (!starting || waitedMs > START_PATIENCE_MS) throw error;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

async function ensureDatabase(url: string, database: string): Promise<void> {
  const client = await connect(url);
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [database]);
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
