/**
 * Which devices a container gets: whole ones, all of one model, for the first of the wishes (`gpu: ["H100:2", "A10G"]`)
 * that what is free can meet. Pure: what is held, and by whom, is `gpu-line.ts`.
 */
import {
  ANY_GPU,
  countGpus,
  type GpuDevice,
  type GpuRequest,
  gpuCountsText,
  gpuRequestText,
} from "@bellows/protocol/gpus";

const MIB_PER_GB = 1024;
/** The memory that a device says it has is a little off the size it is sold by. */
const SIZE_TOLERANCE = 0.1;

/** The devices for the first request that can be met; null when none can be. */
export function chooseGpus(requests: readonly GpuRequest[], free: readonly GpuDevice[]): GpuDevice[] | null {
  for (const request of requests) {
    // Of several models the one with the most free devices: the scarce ones are left to those who name them.
    const enough = gpusByModel(request, free).filter((devices) => devices.length >= request.count);
    const [best] = enough.sort((a, b) => b.length - a.length);
    if (best) return best.slice(0, request.count);
  }
  return null;
}

/**
 * The free devices that would be a part of meeting one of the requests, which cannot be met now. `all` are the devices
 * of the host: nothing is of use for a request that exceeds them.
 */
export function usefulGpus(
  requests: readonly GpuRequest[],
  free: readonly GpuDevice[],
  all: readonly GpuDevice[],
): Set<GpuDevice> {
  const useful = new Set<GpuDevice>();
  for (const request of requests) {
    for (const model of gpusByModel(request, all)) {
      if (model.length < request.count) continue;
      const freeOfIt = model.filter((device) => free.includes(device));
      for (const device of freeOfIt.slice(0, request.count)) useful.add(device);
    }
  }
  return useful;
}

/** Why this host can never meet any of the requests, with what it has; null when it can. */
export function impossibleGpus(requests: readonly GpuRequest[], all: readonly GpuDevice[]): string | null {
  if (chooseGpus(requests, all)) return null;
  if (all.length === 0) return "this host has no GPU";
  const wanted = requests.map(gpuRequestText).join(" and no ");
  return `this host has no ${wanted}; it has ${gpuCountsText(all)}`;
}

/** Such as `wants H100:2 or A10G:4; 7 of 8 H100 and 4 of 4 A10G are in use`. */
export function shortageText(
  requests: readonly GpuRequest[],
  all: readonly GpuDevice[],
  held: ReadonlySet<string>,
  kept: number,
): string {
  const asked = [...new Set(requests.flatMap((request) => gpusByModel(request, all).flat()))];
  const models = countGpus(asked);
  const counts = Array.from(models, ([name, count]) => {
    const inUse = asked.filter((device) => device.name === name && held.has(device.id)).length;
    return `${inUse} of ${count}${models.size > 1 ? ` ${name}` : ""}`;
  });
  const areInUse = `${counts.join(" and ")} ${counts.length === 1 && counts[0]?.startsWith("1 ") ? "is" : "are"} in use`;
  const wants = `wants ${requests.map(gpuRequestText).join(" or ")}; ${areInUse}`;
  return kept === 0 ? wants : `${wants}, ${kept} ${kept === 1 ? "is" : "are"} kept for who comes first`;
}

/** The devices that fit the request, apart by model. */
export function gpusByModel(request: GpuRequest, devices: readonly GpuDevice[]): GpuDevice[][] {
  const models = new Map<string, GpuDevice[]>();
  for (const device of devices) {
    if (!isOf(request, device)) continue;
    const model = models.get(device.name);
    if (model) model.push(device);
    else models.set(device.name, [device]);
  }
  return [...models.values()];
}

/** By its model, also with the size of its memory (`A100-80GB`), in any case. */
function isOf(request: GpuRequest, { name, memoryMiB }: GpuDevice): boolean {
  const [wanted, model] = [request.name.toLowerCase(), name.toLowerCase()];
  if (wanted === ANY_GPU || wanted === model) return true;
  const sizeGb = Number(/-(\d+)gb$/.exec(wanted)?.[1]);
  if (memoryMiB === null || !sizeGb || wanted !== `${model}-${sizeGb}gb`) return false;
  return Math.abs(memoryMiB / (sizeGb * MIB_PER_GB) - 1) <= SIZE_TOLERANCE;
}
