/** Installs the dependencies when the lock file is newer than what npm last installed (it leaves a copy of its own). */
import { statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.mjs";
import { Refusal } from "./refusal.mjs";

/** @param {string} root */
export function needsInstall(root) {
  const installed = statSync(join(root, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  const wanted = statSync(join(root, "package-lock.json"), { throwIfNoEntry: false });
  return !installed || (wanted !== undefined && wanted.mtimeMs > installed.mtimeMs);
}

/**
 * Not `npm ci`: that refuses a lock file which lacks an optional package made for another platform, and npm writes
 * such lock files. `--no-save` leaves the lock file as it is, and what is installed already stays.
 * @param {string} root
 * @param {AbortSignal} signal
 * @throws {Refusal} with the begin of npm's output
 */
export async function install(root, signal) {
  const npm = process.env.npm_execpath;
  const [program, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const args = [...first, "install", "--no-save", "--include=dev", ...quiet];
  const { ok, output } = await runCommand(program, args, { cwd: root, signal });
  if (ok || signal.aborted) return;
  const errors = output.trim().split("\n").slice(0, 15).join("\n");
  throw new Refusal(`npm could not install the dependencies; mend what it says and start again\n\n${errors}`);
}
