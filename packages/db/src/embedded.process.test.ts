import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConflictError, InvalidError } from "@bellows/protocol/errors";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connect } from "./connect.ts";
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded.ts";
import { findPostmaster, stopPostmaster } from "./postmaster.ts";

let folder: string;
const servers: EmbeddedPostgres[] = [];

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ folder, durable: false, ownProcessGroup: false, ...options });
  servers.push(server);
  return server;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = await connect(url);
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellows-embedded-"));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

test("a second start finds the data of the first, on whatever port; stopping twice is once", async () => {
  const first = await start();
  await query(first.url, "create table kept as select 42 as answer");
  await first.stop();
  await first.stop();
  await first.exited;
  await expect(connect(first.url)).rejects.toMatchObject({ code: "CONNECTION" });

  const second = await start();
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("a folder inside one that only its owner may pass through is good enough, also for root", async () => {
  const inner = join(folder, "private", "postgres");
  await mkdir(inner, { recursive: true });
  await chmod(join(folder, "private"), 0o700);
  const server = await start({ folder: inner });
  expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("it listens on loopback only, wants the password, and keeps it readable to its user alone", async () => {
  const server = await start();
  expect(await query(server.url, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  expect(await query(server.url, "show unix_socket_directories")).toEqual([{ unix_socket_directories: "" }]);
  const stranger = new URL(server.url);
  stranger.password = "guess";
  await expect(connect(stranger.href)).rejects.toMatchObject({ code: "AUTH" });
  expect((await stat(join(folder, "password"))).mode & 0o777).toBe(0o600);
});

test("a folder in use is not taken over", async () => {
  await start();
  const refused = await start().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConflictError);
  expect(String(refused)).toContain(`in use by the Bellows of process ${process.pid}`);
});

test("a server killed outright is recovered with what it had committed", async () => {
  const first = await start();
  await query(first.url, "create table kept as select 42 as answer");
  process.kill(first.pid, "SIGKILL");
  await first.exited;
  const second = await start();
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("the server that a killed supervisor left behind is stopped, and its data is there", async () => {
  const first = await start();
  await query(first.url, "create table kept as select 42 as answer");
  // As after a crash: the server's parent is not the process that the folder names.
  await writeFile(join(folder, "supervisor.pid"), "999999999");
  const second = await start();
  await first.exited;
  expect(second.pid).not.toBe(first.pid);
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("the number of an unrelated process in a stale postmaster.pid is left alone", async () => {
  const first = await start();
  await first.stop();
  const bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await once(bystander, "spawn");
  const dataFolder = join(folder, "data");
  expect(await findPostmaster(dataFolder)).toBeUndefined();
  await writeFile(join(dataFolder, "postmaster.pid"), `${bystander.pid}\n${dataFolder}\n`);
  expect(await findPostmaster(dataFolder)).toBeUndefined();
  await rm(join(dataFolder, "postmaster.pid"));
  expect(bystander.exitCode).toBeNull();
  bystander.kill("SIGKILL");
});

test("a taken port is one sentence", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const address = squatter.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const refused = await start({ port }).catch((error: unknown) => error);
  squatter.close();
  expect(refused).toBeInstanceOf(ConflictError);
  expect(String(refused)).toContain(`port ${port} on 127.0.0.1 cannot be used`);
});

test("a folder that cannot be written is one sentence", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  const refused = await start({ folder: join(file, "below") }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(InvalidError);
  expect(String(refused)).toContain("cannot be written (ENOTDIR)");
});

test("the data of another major version is refused before Postgres touches it", async () => {
  const first = await start();
  await first.stop();
  await writeFile(join(folder, "data", "PG_VERSION"), "12\n");
  const refused = await start().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConflictError);
  expect(String(refused)).toContain("was made by Postgres 12");
});

test("data without its password says which file is missing", async () => {
  const first = await start();
  await first.stop();
  await rm(join(folder, "password"));
  const refused = await start().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(InvalidError);
  expect(String(refused)).toContain(join(folder, "password"));
});

test("a cluster that was being made when the start was killed is made again", async () => {
  await writeFile(join(folder, "data.new"), "half");
  const server = await start();
  expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(await readFile(join(folder, "data", "PG_VERSION"), "utf8")).toBeTruthy();
});

test("stopping a process that is gone is no error", async () => {
  const server = await start();
  await server.stop();
  await stopPostmaster(server.pid, join(folder, "data"));
});
