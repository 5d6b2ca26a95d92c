/**
 * The running server of a data folder, found from outside. A supervisor that was killed leaves its Postgres behind;
 * the next start has to tell that one from the Postgres of a supervisor that is alive, and from an unrelated process
 * that was given the same number since.
 */
import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { ConflictError } from "@bellows/protocol/errors";

const run = promisify(execFile);
const POLL_MS = 25;

/** Sends no more than asks: first a fast shutdown, then one without a checkpoint (the next start recovers from the WAL). */
const SHUTDOWN = [
  { signal: "SIGINT", patienceMs: 30_000 },
  { signal: "SIGQUIT", patienceMs: 10_000 },
] as const;

/** The process id of the Postgres that serves this data folder now. */
export async function findPostmaster(dataFolder: string): Promise<number | undefined> {
  const pidFile = await readFile(join(dataFolder, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number(pidFile.split("\n")[0]);
  return pid > 0 && (await serves(pid, dataFolder)) ? pid : undefined;
}

/** Stops it and resolves when it is gone. @throws ConflictError when it does not stop. */
export async function stopPostmaster(pid: number, dataFolder: string): Promise<void> {
  for (const { signal, patienceMs } of SHUTDOWN) {
    if (!trySignal(pid, signal)) return;
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += POLL_MS) {
      if (!(await serves(pid, dataFolder))) return;
      await delay(POLL_MS);
    }
  }
  throw new ConflictError(
    `Postgres (process ${pid}) still uses ${dataFolder} and does not stop; end it and start again`,
  );
}

/** The number of the parent process; 0 when the process is gone. */
export async function parentOf(pid: number): Promise<number> {
  if (process.platform !== "linux") return Number(await ps(pid, "ppid="));
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field is the command in parentheses and may hold anything.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
}

function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** False for a process that is gone or only waits to be reaped. A Postgres works in its data folder for all its life. */
async function serves(pid: number, dataFolder: string): Promise<boolean> {
  if (process.platform !== "linux") return (await ps(pid, "command=")).includes(dataFolder);
  return (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === dataFolder;
}

async function ps(pid: number, column: string): Promise<string> {
  return run("ps", ["-o", column, "-p", String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );
}
