/** What memory knows of calls and containers beyond their rows: the core's part and the engine's, joined. */
import type { ParentInput } from "../core/events.ts";
import type { FunctionCore } from "../core/state.ts";
import { callStatusOf, containersOf } from "../core/stats.ts";
import type { CallTable } from "./call-table.ts";
import type { ContainerTable } from "./container-table.ts";
import type { LiveCall, LiveContainer } from "./engines.ts";

export function liveCallOf(core: FunctionCore, calls: CallTable, callId: string): LiveCall | undefined {
  const status = callStatusOf(core, callId);
  return status && { ...status, receivedCount: calls.get(callId)?.received ?? status.receivedCount };
}

/** Whether the container has this input. That it has begun may be on its way still. */
export function isHeldBy(core: FunctionCore, containerId: string, { callId, index }: ParentInput): boolean {
  return core.calls.get(callId)?.inputs.get(index)?.hold?.container.id === containerId;
}

export function liveContainersOf(core: FunctionCore, containers: ContainerTable, functionId: string): LiveContainer[] {
  const running = new Map(containersOf(core).map((container) => [container.id, container.running]));
  return [...containers.values()].map(({ containerId, state, cpuPercent, memoryBytes, gpus }) => ({
    containerId,
    functionId,
    state,
    running: running.get(containerId) ?? 0,
    cpuPercent,
    memoryBytes,
    gpus,
  }));
}
