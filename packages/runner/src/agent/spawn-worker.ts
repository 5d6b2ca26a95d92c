/**
 * Starts a worker's process, and nothing else: it is the first thing an agent does, so this file imports only what
 * Node has loaded already. The worker leads a process group of its own, so that it can be killed with everything it
 * started and without the agent.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { visibleEnvironment } from "./visible-environment.ts";

export interface WorkerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Set when there never was a process. */
  spawnError: Error | null;
}

export interface SpawnedWorker {
  child: ChildProcess;
  exited: Promise<WorkerExit>;
}

export function spawnWorker(environment: NodeJS.ProcessEnv): SpawnedWorker {
  const args = [...heapLimit(environment), besideAgent("worker.mjs")];
  return spawnProcess(process.execPath, args, workerEnvironment(environment));
}

/**
 * The worker of a Python function, by the `python3` that this container has. `env` of the function is there before its
 * first line: much of Python is told by its environment, the place of packages and even `python3` itself. The folder is
 * named as it is, not by its link: all of a worker is then of one build.
 */
export function spawnPythonWorker(environment: NodeJS.ProcessEnv, env: Record<string, string>): SpawnedWorker {
  return spawnProcess("python3", [realpathSync(besideAgent("python"))], { ...workerEnvironment(environment), ...env });
}

function besideAgent(file: string): string {
  return fileURLToPath(new URL(`./${file}`, import.meta.url));
}

function spawnProcess(command: string, args: string[], env: NodeJS.ProcessEnv): SpawnedWorker {
  const child = spawn(command, args, { detached: true, stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"], env });
  const exited = new Promise<WorkerExit>((resolve) => {
    child.once("error", (spawnError) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, spawnError });
    });
    child.once("exit", (code, signal) => resolve({ code, signal, spawnError: null }));
  });
  return { child, exited };
}

/** A heap as large as the container's memory: V8's own default would end a big function early. */
function heapLimit({ BELLOWS_MEMORY_MIB }: NodeJS.ProcessEnv): string[] {
  return BELLOWS_MEMORY_MIB ? [`--max-old-space-size=${BELLOWS_MEMORY_MIB}`] : [];
}

function workerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { BELLOWS_CONTAINER_ID, BELLOWS_VOLUMES } = environment;
  return { ...visibleEnvironment(environment), BELLOWS_CONTAINER_ID, ...(BELLOWS_VOLUMES && { BELLOWS_VOLUMES }) };
}
