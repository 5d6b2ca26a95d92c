/**
 * Everything that can happen to a running Bellows from outside: each fault picks its victim, strikes, and says whether
 * it has struck: there is no victim while the supervisor is just starting one again.
 */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Stack } from "../stack.ts";
import type { CuttableLink } from "./cuttable-link.ts";
import type { Random } from "./random.ts";

export interface Victims {
  stack: Stack;
  link: CuttableLink;
  random: Random;
}

export type Fault = (victims: Victims) => Promise<boolean>;

export const FAULTS: Record<string, Fault> = {
  "kill orchestrator": async ({ stack }) => kill(await stack.pidOf("orchestrator").catch(nobody)),
  "kill agent": async (victims) => kill(await agentPid(victims)),
  "kill worker": async (victims) => kill(await workerPid(victims)),
  "kill postgres": async ({ stack }) => kill(await stack.pidOf("postgres").catch(nobody)),
  "pause orchestrator": async ({ stack, random }) => pause(await stack.pidOf("orchestrator").catch(nobody), random),
  "pause agent": async (victims) => pause(await agentPid(victims), victims.random),
  "pause worker": async (victims) => pause(await workerPid(victims), victims.random),
  "pause postgres": async ({ stack, random }) => pause(await stack.pidOf("postgres").catch(nobody), random),
  "cut links": async ({ link }) => link.cut() > 0,
};

const LONGEST_PAUSE_MS = 3_000;
const recordSchema = z.object({ process: z.object({ pid: z.number() }).nullable() });

/** The agents of the containers that the process driver keeps a record of. */
export async function agentPids(stack: Stack): Promise<number[]> {
  const folder = join(stack.stateDir, "containers");
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
  const pids: number[] = [];
  for (const name of names) {
    // A record may go, or be half written, while it is read.
    const text = await readFile(join(folder, name), "utf8").catch(() => "");
    const record = recordSchema.safeParse(json(text));
    if (record.data?.process) pids.push(record.data.process.pid);
  }
  return pids;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function agentPid({ stack, random }: Victims): Promise<number | undefined> {
  return random.pick(await agentPids(stack));
}

/** A child of an agent, but for the shell that only sees to it that no worker outlives its agent. */
async function workerPid(victims: Victims): Promise<number | undefined> {
  const agent = await agentPid(victims);
  const lines = agent === undefined ? [] : (await ps(["-A", "-ww", "-o", "ppid=,pid=,args="])).split("\n");
  const workers = lines.flatMap((line) => {
    const [, parent, pid, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === agent && !command.includes("bellows-guard") ? [Number(pid)] : [];
  });
  return victims.random.pick(workers);
}

function ps(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => execFile("ps", args, (_error, stdout) => resolve(stdout)));
}

function kill(pid: number | undefined): boolean {
  return pid !== undefined && signal(pid, "SIGKILL");
}

async function pause(pid: number | undefined, random: Random): Promise<boolean> {
  const pauseMs = random.between(200, LONGEST_PAUSE_MS);
  if (pid === undefined || !signal(pid, "SIGSTOP")) return false;
  try {
    await delay(pauseMs);
  } finally {
    signal(pid, "SIGCONT");
  }
  return true;
}

/** False when it has ended by itself meanwhile. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** The supervisor is just starting it again. */
function nobody(): undefined {
  return undefined;
}
