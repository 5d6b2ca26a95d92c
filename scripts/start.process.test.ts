/** `npm start` as a person meets it: what it prints, what it refuses, and what is left when it is stopped or killed. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connect } from "../packages/db/src/connect.ts";
import { freePort } from "../packages/db/src/free-port.ts";
import { cloneTestDatabase } from "../packages/db/src/testing.ts";
import { readLock } from "./setup/lock-file.mjs";
import { connectApi, isHealthy, readCredentials } from "./start/api.mjs";

const START = join(import.meta.dirname, "start.mjs");
const CLI = join(import.meta.dirname, "../packages/cli/bin/bellows.js");
const HELLO = join(import.meta.dirname, "../examples/hello/hello.ts");
const READY = /Ctrl-C stops everything/;
const newerDatabaseUrl = await cloneTestDatabase();

let folder = "";
let started: Start[] = [];
beforeEach(() => {
  // Not below a folder that only root may enter: Postgres does not run as root.
  folder = mkdtempSync(join(tmpdir(), "bellows-start-"));
});
afterEach(async () => {
  await Promise.all(started.map((start) => start.end()));
  started = [];
  for (const pid of processesOf(folder)) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test("is ready when it says so, survives a killed orchestrator, and leaves nothing behind", {
  timeout: 240_000,
}, async () => {
  const port = await freePort();
  const start = run(["--no-console"], { port, env: { BELLOWS_DRIVER: "process" } });
  await start.printed(READY);
  expect(start.output()).toMatch(/Left out +the console/);
  expect(await isHealthy(`http://127.0.0.1:${port}`)).toBe(true);
  expect(await appNames(start.stateDir)).toContain("hello");

  const called = await cli(start.stateDir, ["call", "hello", "greet", "--args", '["Ada"]']);
  expect(called).toMatchObject({ code: 0, output: expect.stringContaining("Hello, Ada!") });

  const orchestrator = child(start.stateDir, "orchestrator");
  process.kill(orchestrator, "SIGKILL");
  await start.printed(/the orchestrator ended \(signal SIGKILL\); starting it again/);
  await expect.poll(() => isHealthy(`http://127.0.0.1:${port}`), { timeout: 30_000 }).toBe(true);
  expect(child(start.stateDir, "orchestrator")).not.toBe(orchestrator);

  // Ctrl-C under npm comes twice: from the terminal, and passed on by npm.
  start.process.kill("SIGINT");
  start.process.kill("SIGINT");
  expect(await start.exitCode()).toBe(0);
  expect(readdirSync(start.stateDir)).not.toContain("start.lock");
  await expect.poll(() => processesOf(folder), { timeout: 10_000 }).toEqual([]);
});

test("a Postgres that is killed is started again where it was, and nothing stored is lost", async () => {
  const start = run(["--no-console", "--no-examples"], { port: await freePort() });
  await start.printed(READY);
  expect(await cli(start.stateDir, ["deploy", HELLO])).toMatchObject({ code: 0 });
  const postgres = child(start.stateDir, "postgres");
  process.kill(postgres, "SIGKILL");
  await start.printed(/Postgres ended by itself; starting it again/);
  await expect.poll(() => childOrNone(start.stateDir, "postgres"), { timeout: 30_000 }).toBeGreaterThan(0);
  expect(child(start.stateDir, "postgres")).not.toBe(postgres);
  expect(await cli(start.stateDir, ["call", "hello", "greet", "--args", '["Ada"]'])).toMatchObject({ code: 0 });
  expect(start.output()).not.toContain("the orchestrator ended");
});

test("one state folder has one start; another folder and port run beside it", async () => {
  const [first, second] = [await freePort(), await freePort()];
  const start = run(["--no-console", "--no-examples"], { port: first });
  await start.printed(READY);
  const twin = run(["--no-console"], { port: second });
  expect(await twin.exitCode()).toBe(1);
  expect(twin.output()).toMatch(/^bellows: Bellows is already running on .*process \d+\); stop that one/);
  const other = run(["--no-console", "--no-examples"], { port: second, state: "other" });
  await other.printed(READY);
  expect(await isHealthy(`http://127.0.0.1:${first}`)).toBe(true);
  expect(await isHealthy(`http://127.0.0.1:${second}`)).toBe(true);
});

test("a start after a killed start ends what was left and finds its data", async () => {
  const port = await freePort();
  const start = run(["--no-console", "--no-examples"], { port });
  await start.printed(READY);
  expect(await cli(start.stateDir, ["deploy", HELLO])).toMatchObject({ code: 0 });
  start.process.kill("SIGKILL");
  await start.exitCode();
  const left = processesOf(folder);
  expect(left.length).toBeGreaterThan(0);

  const next = run(["--no-console", "--no-examples"], { port: await freePort() });
  await next.printed(READY);
  expect(next.output()).toMatch(/ending the orchestrator \(process \d+\) that an earlier start left behind/);
  expect(processesOf(folder).filter((pid) => left.includes(pid))).toEqual([]);
  expect(await appNames(next.stateDir)).toEqual(["hello"]);
});

test("with the console it prints a sign-in link that leads into it", async () => {
  const consolePort = await freePort();
  const start = run(["--no-examples", "--console-port", String(consolePort)], { port: await freePort() });
  await start.printed(READY);
  const link = /Sign in +(\S+)/.exec(start.output())?.[1] ?? "";
  expect(link).toMatch(new RegExp(`^http://localhost:${consolePort}/`));
  const answer = await fetch(link, { redirect: "manual" });
  expect(answer.status).toBeLessThan(400);
});

test("a taken port is one sentence", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  expect(await refusal(["--no-console"], { port })).toBe(
    `bellows: port ${port} for the API is taken; stop what uses it, or choose another with --port N`,
  );
  server.close();
});

test("a state folder that cannot be written is one sentence", async () => {
  writeFileSync(join(folder, "file"), "");
  expect(await refusal(["--no-console"], { port: await freePort(), state: "file/state" })).toMatch(
    /^bellows: cannot write to the state folder .*\/file\/state \(ENOTDIR\); .*--state-dir DIR$/,
  );
});

test("a dead Postgres is one sentence", async () => {
  const env = { BELLOWS_DATABASE_URL: `postgres://bellows:secret@127.0.0.1:${await freePort()}/bellows` };
  const sentence = await refusal(["--no-console"], { port: await freePort(), env });
  expect(sentence).toMatch(/^bellows: Postgres at 127\.0\.0\.1:\d+ does not answer/);
  expect(sentence).not.toContain("secret");
});

test("a database of a newer schema is one sentence", async () => {
  const client = await connect(newerDatabaseUrl);
  await client.query("insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', 9999999999999)");
  await client.end();
  const env = { BELLOWS_DATABASE_URL: newerDatabaseUrl };
  expect(await refusal(["--no-console"], { port: await freePort(), env })).toMatch(
    /^bellows: the database has the schema of a newer Bellows; /,
  );
});

test("wrong words are one sentence and exit code 2", async () => {
  const start = run(["--port=none"], {});
  expect(await start.exitCode()).toBe(2);
  expect(start.output()).toBe('bellows: --port is "none", but it must be a port number from 1 to 65535\n');
});

interface Start {
  process: ChildProcess;
  stateDir: string;
  output: () => string;
  printed: (what: RegExp) => Promise<void>;
  exitCode: () => Promise<number | null>;
  end: () => Promise<void>;
}

interface RunOptions {
  port?: number;
  state?: string;
  env?: Record<string, string>;
}

function run(args: string[], { port, state = "state", env = {} }: RunOptions): Start {
  const stateDir = join(folder, state);
  const given = [...args, "--state-dir", stateDir, ...(port === undefined ? [] : ["--port", String(port)])];
  const child = spawn(process.execPath, [START, ...given], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const closed = once(child, "close").then(([code]): number | null => code);
  const start: Start = {
    process: child,
    stateDir,
    output: () => output,
    printed: (what) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (what.test(output)) resolve();
          else if (child.exitCode !== null) reject(new Error(`it ended before it printed ${what}:\n${output}`));
        };
        for (const stream of [child.stdout, child.stderr]) stream.on("data", look);
        child.once("close", look);
        look();
      }),
    exitCode: () => closed,
    async end() {
      child.kill("SIGTERM");
      await closed;
    },
  };
  started.push(start);
  return start;
}

/** What it says before it exits with 1; everything that it started has to be gone by then. */
async function refusal(args: string[], options: RunOptions): Promise<string> {
  const start = run(args, options);
  expect(await start.exitCode()).toBe(1);
  expect(processesOf(folder)).toEqual([]);
  return start.output().trim().split("\n").at(-1) ?? "";
}

async function cli(stateDir: string, args: string[]): Promise<{ code: number | null; output: string }> {
  const { url, token } = readCredentials(stateDir);
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, BELLOWS_URL: url, BELLOWS_TOKEN: token },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const [code] = await once(child, "close");
  return { code, output };
}

async function appNames(stateDir: string): Promise<string[]> {
  const { items } = await connectApi(readCredentials(stateDir)).query("apps.list", {});
  return items.map((app: { name: string }) => app.name);
}

function childOrNone(stateDir: string, name: string): number | undefined {
  return readLock(join(stateDir, "start.lock"))?.children.find((record) => record.name === name)?.pid;
}

function child(stateDir: string, name: string): number {
  const pid = childOrNone(stateDir, name);
  if (pid === undefined) throw new Error(`no ${name} is recorded`);
  return pid;
}

/** Every process that was told of the folder, by an argument or a variable: the containers too. */
function processesOf(place: string): number[] {
  if (process.platform !== "linux") {
    const lines = execFileSync("ps", ["-AEww", "-o", "pid=,command="], { encoding: "utf8" }).split("\n");
    return lines.filter((line) => line.includes(place)).map((line) => Number.parseInt(line, 10));
  }
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && isOf(pid, place));
}

function isOf(pid: number, place: string): boolean {
  try {
    if (/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return false;
    return ["cmdline", "environ"].some((file) => readFileSync(`/proc/${pid}/${file}`, "utf8").includes(place));
  } catch {
    return false;
  }
}
