/** What the NVIDIA driver of this host says of its GPUs. */
import { runCommand } from "../setup/command.mjs";

/** It takes a second or two where the driver is not kept loaded. */
const PATIENCE_MS = 20_000;

/**
 * A host without the driver has none, and neither has one whose driver lists none. Where the driver is there and does not
 * answer, something is broken.
 * @returns {Promise<{ found: boolean, broken?: string }>}
 */
export async function lookForGpu() {
  const { ok, output } = await runCommand("nvidia-smi", ["--list-gpus"], { cwd: ".", timeoutMs: PATIENCE_MS });
  if (ok) return { found: /\(UUID: GPU-/.test(output) };
  // EACCES: a folder of PATH that this user may not look into.
  return /spawn nvidia-smi (ENOENT|EACCES)/.test(output) ? { found: false } : { found: false, broken: output.trim() };
}
