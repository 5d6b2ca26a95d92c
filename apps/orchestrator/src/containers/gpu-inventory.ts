/**
 * The GPUs of this host: those that are declared (`BELLOWS_GPUS`), or those that the NVIDIA driver's `nvidia-smi` lists.
 * A host without that program has none; one where it fails is said to, for its devices would be missed.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type GpuDevice, isRealGpu } from "@bellows/protocol/gpus";

const QUERY = ["--query-gpu=index,uuid,name,memory.total", "--format=csv,noheader,nounits"];
/** It takes a second or two where the driver is not kept loaded. */
const PATIENCE_MS = 20_000;

export interface FoundGpus {
  devices: readonly GpuDevice[];
  /** What went wrong, and what to do; null when nothing did. */
  trouble: string | null;
}

/** `declared` takes the place of what would be found; null to look. */
export async function findGpus(declared: readonly GpuDevice[] | null, command = "nvidia-smi"): Promise<FoundGpus> {
  if (declared) return { devices: declared, trouble: null };
  try {
    const { stdout } = await promisify(execFile)(command, QUERY, { timeout: PATIENCE_MS });
    return { devices: parseGpus(stdout), trouble: null };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { devices: [], trouble: null };
    const said = error instanceof Error ? error.message.trim() : String(error);
    return {
      devices: [],
      trouble: `the GPUs of this host could not be listed: ${said}; repair the NVIDIA driver, or declare them in BELLOWS_GPUS`,
    };
  }
}

/** A line is `0, GPU-5a2b..., NVIDIA H100 80GB HBM3, 81559`. */
export function parseGpus(csv: string): GpuDevice[] {
  return csv.split("\n").flatMap((line) => {
    const [, id, name, memoryMiB] = line.split(",").map((field) => field.trim());
    if (!id || !name || !isRealGpu(id)) return [];
    return [{ id, name: modelOf(name), memoryMiB: Number(memoryMiB) || null }];
  });
}

const MAKER = /^(NVIDIA|Tesla|GeForce|Quadro)$/i;
/** How it is built in, how much memory it has, where it is sold: none of it is the model. */
const DETAIL =
  /^(\d+GB|SXM\d*|PCIe|PG\d+|HBM\d+e?|NVL|GPU|Laptop|Generation|Server|Workstation|Edition|Max-Q|with|Design)$/i;

/** The name of a model as users write it: `NVIDIA A100-SXM4-80GB` is an `A100`, `NVIDIA GeForce RTX 4090` an `RTX-4090`. */
export function modelOf(name: string): string {
  const words = name
    .split(/\s+/)
    .filter((word) => !MAKER.test(word) && !DETAIL.test(word))
    .map((word) =>
      word
        .split("-")
        .filter((part) => !DETAIL.test(part))
        .join("-"),
    );
  return words.filter((word) => word !== "").join("-") || name.replaceAll(/[^A-Za-z0-9]+/g, "-");
}
