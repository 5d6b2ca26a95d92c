/** GPUs: as users ask for them (`"H100"`, `"A10G:2"`, `"any"`) and as hosts have them. */

/** One device of a host. Containers get whole ones. */
export interface GpuDevice {
  /** As CUDA knows it: the UUID that the driver gives a real device, or the number of a declared one. */
  id: string;
  /** The model as users write it, such as `H100`. */
  name: string;
  /** Null for a declared one. */
  memoryMiB: number | null;
}

/** A device that a container has. */
export type AssignedGpu = Pick<GpuDevice, "id" | "name">;

/** What a real device does now. Either is null where the driver does not say. */
export interface GpuUsage {
  /** Of the last moments, in which anything at all ran on it. */
  busyPercent: number | null;
  memoryUsedMiB: number | null;
}

/** By device. Those that nothing is known of are not in it. */
export type GpuUsages = ReadonlyMap<string, GpuUsage>;

/** So many devices of one model; `any` stands for each model. */
export interface GpuRequest {
  name: string;
  count: number;
}

export const ANY_GPU = "any";

/** Of a device that the NVIDIA driver knows; declared ones have numbers. */
export function isRealGpu(id: string): boolean {
  return id.startsWith("GPU-") || id.startsWith("MIG-");
}

/** Of a text that `gpu` accepts: a name, and `:2` for more than one. */
export function gpuRequestOf(text: string): GpuRequest {
  const [name = "", count = "1"] = text.split(":");
  return { name, count: Number(count) };
}

/** `H100`, `A10G:2`. */
export function gpuRequestText({ name, count }: GpuRequest): string {
  return count === 1 ? name : `${name}:${count}`;
}

/** How many there are of each model, in the order in which the models come. */
export function countGpus(devices: readonly Pick<GpuDevice, "name">[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of devices) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** `H100:8, A10G:1`. */
export function gpuCountsText(devices: readonly Pick<GpuDevice, "name">[]): string {
  return Array.from(countGpus(devices), ([name, count]) => `${name}:${count}`).join(", ");
}
