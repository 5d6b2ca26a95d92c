/** The GPUs of a host, by model. Pure. */
import type { GpuView } from "@bellows/protocol/views";

export interface GpuModel {
  name: string;
  total: number;
  inUse: number;
}

export function modelsOf(gpus: readonly GpuView[]): GpuModel[] {
  const models = new Map<string, GpuModel>();
  for (const { name, holder } of gpus) {
    const model = models.get(name) ?? { name, total: 0, inUse: 0 };
    models.set(name, { name, total: model.total + 1, inUse: model.inUse + (holder ? 1 : 0) });
  }
  return [...models.values()];
}
