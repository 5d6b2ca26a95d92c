/** Whether the NVIDIA driver of this host lists a GPU. */
import { runCommand } from "../setup/command.mjs";

/** It takes a second or two where the driver is not kept loaded. */
const PATIENCE_MS = 20_000;

/** @returns {Promise<boolean>} */
export async function gpuAnswers() {
  const { ok, output } = await runCommand("nvidia-smi", ["--list-gpus"], { cwd: ".", timeoutMs: PATIENCE_MS });
  return ok && /\(UUID: GPU-/.test(output);
}
