/** Installs the dependencies when the lock file is newer than what npm last installed (it leaves a copy of its own). */
import { existsSync, statSync } from "node:fs";
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
 * `npm ci` on a fresh clone; afterwards `npm install --no-save`, which changes what differs instead of everything.
 * @param {string} root
 * @param {AbortSignal} signal
 * @throws {Refusal} with the end of npm's output
 */
export async function install(root, signal) {
  const fresh = !existsSync(join(root, "node_modules"));
  const args = fresh ? ["ci"] : ["install", "--no-save"];
  const npm = process.env.npm_execpath;
  const [program, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const all = [...first, ...args, "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const { ok, output } = await runCommand(program, all, { cwd: root, signal });
  if (ok || signal.aborted) return;
  throw new Refusal(
    `npm ${args[0]} failed; mend what it says and start again\n\n${output.trim().split("\n").slice(-15).join("\n")}`,
  );
}
