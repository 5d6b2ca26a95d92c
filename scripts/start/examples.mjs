/** Deploys `examples/` once, when the database knows no app yet: the first look at the console shows something. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../setup/command.mjs";

/** Every folder's file of its own name is an example: `examples/ocr/ocr.ts`. @param {string} root @returns {string[]} relative to the root */
export function exampleFiles(root) {
  return readdirSync(join(root, "examples"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `examples/${entry.name}/${entry.name}.ts`)
    .filter((file) => existsSync(join(root, file)))
    .sort();
}

/**
 * @param {string} root
 * @param {{ api: import("./api.mjs").Api, credentials: { url: string, token: string }, signal: AbortSignal }} target
 * @returns {Promise<{ deployed: string[], failed: { file: string, output: string }[] }>} nothing when there are apps already
 */
export async function deployExamples(root, { api, credentials, signal }) {
  /** @type {{ deployed: string[], failed: { file: string, output: string }[] }} */
  const outcome = { deployed: [], failed: [] };
  const { items } = await api.query("apps.list", { includeStopped: true, limit: 1 });
  if (items.length > 0) return outcome;
  const cli = join(root, "packages/cli/dist/main.js");
  const env = { BELLOWS_URL: credentials.url, BELLOWS_TOKEN: credentials.token };
  for (const file of exampleFiles(root)) {
    const { ok, output } = await runCommand(process.execPath, [cli, "deploy", file], { cwd: root, env, signal });
    if (signal.aborted) break;
    if (ok) outcome.deployed.push(file);
    else outcome.failed.push({ file, output: output.trim() });
  }
  return outcome;
}
