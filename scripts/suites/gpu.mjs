/** What the NVIDIA driver of this host says of its GPUs. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand } from "../setup/command.mjs";

const PROGRAM = "nvidia-smi";
/** All that a driver says which works and has none. */
const NONE = /^(No devices (were )?found\.?)?$/;
/** It takes a second or two where the driver is not kept loaded. */
const PATIENCE_MS = 20_000;

/**
 * A host without the driver has none, and neither has one whose driver lists none and ends with 0. Where the driver is
 * there and fails, something is broken, also when it says that none were found: it is loaded for some that it has lost.
 * So it is where its answer is neither a list nor nothing.
 * @param {{ timeoutMs?: number }} [options]
 * @returns {Promise<{ found: boolean, broken?: string }>}
 */
export async function lookForGpu({ timeoutMs = PATIENCE_MS } = {}) {
  const { ok, output } = await runCommand(PROGRAM, ["--list-gpus"], { cwd: ".", timeoutMs });
  if (ok && /\(UUID: GPU-/.test(output)) return { found: true };
  if (ok ? NONE.test(output.trim()) : !isThere(output)) return { found: false };
  return { found: false, broken: output.trim() };
}

/**
 * A folder of PATH that this user may not look into makes it EACCES where there is no such program, too.
 * @param {string} output of a run that failed
 */
function isThere(output) {
  const code = new RegExp(`spawn ${PROGRAM} (ENOENT|EACCES)`).exec(output)?.[1];
  if (code !== "EACCES") return code === undefined;
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, PROGRAM)));
}
