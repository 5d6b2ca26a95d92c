/** The GPUs of the host with the names of who has them and of who waits. All of it is memory: nothing of it is stored. */
import type { GpuUsages } from "@bellows/protocol/gpus";
import type { GpusView } from "@bellows/protocol/views";
import type { FunctionDirectory } from "../../catalog/function-directory.ts";
import type { Engines } from "../../engine/engines.ts";

interface Deps {
  engines: Engines;
  directory: FunctionDirectory;
  gpuUsages: () => Promise<GpuUsages>;
  gpuTrouble?: string | null;
}

export async function listGpus({ engines, directory, gpuUsages, gpuTrouble = null }: Deps): Promise<GpusView> {
  const usages = await gpuUsages();
  const { devices, holders, waiting } = engines.gpus();
  const named = async (functionId: string) => {
    const record = await directory.byId(functionId);
    return { functionId, functionName: record?.name ?? "", appName: record?.appName ?? "" };
  };
  return {
    gpus: await Promise.all(
      devices.map(async (device) => {
        const held = holders.get(device.id);
        const holder = held ? { containerId: held.containerId, ...(await named(held.functionId)) } : null;
        return { ...device, usage: usages.get(device.id) ?? null, holder };
      }),
    ),
    waiting: await Promise.all(
      waiting.map(async ({ functionId, gpu, count, sinceMs, why }) => {
        return { ...(await named(functionId)), gpu, containers: count, sinceMs, reason: why };
      }),
    ),
    trouble: gpuTrouble,
  };
}
