/**
 * How busy the real GPUs of this host are, as `nvidia-smi` says. It is asked only when somebody looks, and once for all
 * who look within two seconds; where there are only declared devices it is never asked.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type GpuDevice, type GpuUsage, type GpuUsages, isRealGpu } from "@bellows/protocol/gpus";

const QUERY = ["--query-gpu=uuid,utilization.gpu,memory.used", "--format=csv,noheader,nounits"];
const KNOWN_MS = 2_000;
/** Whoever looks waits no longer than this, and is shown no numbers then. */
const PATIENCE_MS = 5_000;

export function watchGpuUsage(
  devices: readonly GpuDevice[],
  { now, command = "nvidia-smi" }: { now: () => number; command?: string },
): () => Promise<GpuUsages> {
  let known: { usages: Promise<GpuUsages>; atMs: number } | undefined;
  if (!devices.some(({ id }) => isRealGpu(id))) return () => Promise.resolve(new Map());
  return () => {
    if (!known || now() - known.atMs >= KNOWN_MS) known = { usages: ask(command), atMs: now() };
    return known.usages;
  };
}

async function ask(command: string): Promise<GpuUsages> {
  try {
    const { stdout } = await promisify(execFile)(command, QUERY, { timeout: PATIENCE_MS });
    return parseGpuUsage(stdout);
  } catch {
    // That the devices cannot be asked was said when they were looked for; a number that is missing says the rest.
    return new Map();
  }
}

/** A line is `GPU-5a2b..., 37, 1024`: percent of the last period in which something ran on it, and MiB. */
export function parseGpuUsage(csv: string): Map<string, GpuUsage> {
  const usages = new Map<string, GpuUsage>();
  for (const line of csv.split("\n")) {
    const [id, percent, memoryMiB] = line.split(",").map((field) => field.trim());
    if (id && isRealGpu(id)) usages.set(id, { busyPercent: numberOf(percent), memoryUsedMiB: numberOf(memoryMiB) });
  }
  return usages;
}

/** A device that is split (MIG) says `[N/A]`. */
function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
