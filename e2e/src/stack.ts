/**
 * A real Bellows for tests and benches: `npm start` with a state folder and ports of its own, so that any number run
 * side by side. Stopping it must leave no process behind; `stop` says so when one is.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "@bellows/db/free-port";
import { z } from "zod";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const START_MS = 180_000;
const POLL_MS = 20;

export interface StackOptions {
  /** With the console; it must have been built. */
  console?: boolean;
  /** Deploys the examples as a first start does. */
  examples?: boolean;
  /** Of an earlier stack, to find its data again; otherwise a new one that goes with the stack. */
  stateDir?: string;
  env?: Record<string, string>;
}

export interface Stack {
  url: string;
  token: string;
  consoleUrl: string;
  /** Good once. */
  signInUrl: string | undefined;
  stateDir: string;
  /** What `npm start` has printed so far. */
  output(): string;
  /** The process of a service now; it changes when the supervisor restarts one. */
  pidOf(service: "orchestrator" | "postgres" | "console"): Promise<number>;
  /** Resolves when `GET /healthz` answers 200. */
  ready(): Promise<void>;
  /** Runs the CLI against this stack from `cwd` (the repository). */
  bellows(args: readonly string[], options?: { cwd?: string; env?: Record<string, string> }): Promise<CommandResult>;
  /** The same, while it runs. */
  spawnBellows(args: readonly string[]): ChildProcess;
  /** Ctrl-C. Resolves when all of it has ended, with its exit status. */
  stop(): Promise<number>;
}

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

const lockSchema = z.object({ children: z.array(z.object({ name: z.string(), pid: z.number() })) });
const credentialsSchema = z.object({ url: z.string(), token: z.string() });

/** Starts one. @throws Error with what it printed when it does not come up. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), "bellows-stack-")));
  const [port, consolePort] = await Promise.all([freePort(), freePort()]);
  const args = ["--port", String(port), "--console-port", String(consolePort), "--state-dir", stateDir];
  if (!options.console) args.push("--no-console");
  if (!options.examples) args.push("--no-examples");
  const start = spawn(process.execPath, ["scripts/start.mjs", ...args], {
    cwd: REPOSITORY,
    // The same on every host and in every run; whoever is about Docker or standby says so.
    env: { ...process.env, BELLOWS_DRIVER: "process", BELLOWS_STANDBY: "0", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [start.stdout, start.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const url = `http://127.0.0.1:${port}`;
  await until(() => /Ctrl-C stops everything/.test(output) || start.exitCode !== null, START_MS);
  if (start.exitCode !== null) throw new Error(`npm start ended with ${start.exitCode}:\n${output}`);
  const { token } = credentialsSchema.parse(JSON.parse(await readFile(join(stateDir, "credentials.json"), "utf8")));
  const commandEnv = { ...process.env, BELLOWS_URL: url, BELLOWS_TOKEN: token, NO_COLOR: "1" };

  function spawnBellows(command: readonly string[], cwd = REPOSITORY, env: Record<string, string> = {}): ChildProcess {
    return spawn(process.execPath, [join(REPOSITORY, "packages/cli/bin/bellows.js"), ...command], {
      cwd,
      env: { ...commandEnv, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  return {
    url,
    token,
    consoleUrl: `http://localhost:${consolePort}`,
    signInUrl: /https?:\/\/\S+\/sign-in\?code=\S+/.exec(output)?.[0],
    stateDir,
    output: () => output,
    async pidOf(service) {
      const { children } = lockSchema.parse(JSON.parse(await readFile(join(stateDir, "start.lock"), "utf8")));
      const found = children.find(({ name }) => name === service);
      if (!found) throw new Error(`no ${service} is running; there is ${children.map(({ name }) => name).join(", ")}`);
      return found.pid;
    },
    ready: () => until(() => isHealthy(url), START_MS),
    spawnBellows,
    bellows: (command, { cwd, env } = {}) => resultOf(spawnBellows(command, cwd, env)),
    async stop() {
      if (start.exitCode === null) {
        start.kill("SIGINT");
        await once(start, "exit");
      }
      if (!options.stateDir) await rm(stateDir, { recursive: true, force: true });
      return start.exitCode ?? -1;
    },
  };
}

/** Polls until the condition holds. @throws Error when it has not within `timeoutMs`. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error(`waited ${timeoutMs} ms in vain for: ${condition}`);
    await delay(POLL_MS);
  }
}

export async function resultOf(child: ChildProcess): Promise<CommandResult> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

async function isHealthy(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}
