/**
 * Who gives way to whom. A container of a function that always has work never ends by itself, so keeping what comes
 * free is not enough: when the first in the line has waited for `GIVE_WAY_MS`, the functions with the most devices are
 * asked to end as many containers as it takes, idle ones first; what runs in a busy one is finished. A function is asked
 * only if whoever waits has nothing yet, or would have no more than is left to it: equals do not take from each other.
 */
import type { AssignedGpu, GpuDevice } from "@bellows/protocol/gpus";
import { devicesHeld, freeGpus, type GpuGiving, type GpuLine, inTurn, type WaitingForGpus } from "./gpu-state.ts";
import { gpusByModel } from "./gpus.ts";

/** Also how long a container may run before it is asked: it should have done some work for its start. */
export const GIVE_WAY_MS = 30_000;

/** What this function should give; null when nothing. */
export function gpuGiving(line: GpuLine, functionId: string, nowMs: number): GpuGiving | null {
  for (const turn of inTurn(line.waiting, devicesHeld(line))) {
    if (nowMs - turn.sinceMs < GIVE_WAY_MS) continue;
    const givers = giversFor(line, turn);
    if (givers.size > 0) return givers.get(functionId) ?? null;
  }
  return null;
}

/** By function, for the first of the wishes that can be met so. */
function giversFor(line: GpuLine, turn: WaitingForGpus): Map<string, GpuGiving> {
  for (const request of turn.requests) {
    for (const model of gpusByModel(request, line.devices)) {
      const givers = model.length < request.count ? null : giversOf(line, turn, request.count, model);
      if (givers) return givers;
    }
  }
  return new Map();
}

interface Candidate {
  containerId: string;
  functionId: string;
  /** All that it has, and those of the model. */
  devices: number;
  useful: number;
}

/** Null when not enough of the model can be given. */
function giversOf(
  line: GpuLine,
  turn: WaitingForGpus,
  wanted: number,
  model: readonly GpuDevice[],
): Map<string, GpuGiving> | null {
  const ids = new Set(model.map(({ id }) => id));
  const ofModel = (gpus: readonly AssignedGpu[]): number => gpus.filter(({ id }) => ids.has(id)).length;
  const candidates: Candidate[] = [];
  const has = devicesHeld(line);
  const spare = new Map<string, number>();
  for (const [containerId, { functionId, gpus }] of line.holders) {
    spare.set(functionId, (spare.get(functionId) ?? -(line.minContainers.get(functionId) ?? 0)) + 1);
    const useful = ofModel(gpus);
    if (useful > 0 && functionId !== turn.functionId) {
      candidates.push({ containerId, functionId, devices: gpus.length, useful });
    }
  }
  const own = has.get(turn.functionId) ?? 0;
  const mayGive = ({ functionId, devices }: Candidate): boolean => {
    const left = (has.get(functionId) ?? 0) - devices;
    return (spare.get(functionId) ?? 0) > 0 && (own === 0 || left >= own + wanted);
  };
  const asked: Candidate[] = [];
  for (let missing = wanted - ofModel(freeGpus(line)); missing > 0; ) {
    const [next] = candidates
      .filter((candidate) => !asked.includes(candidate) && mayGive(candidate))
      .sort((a, b) => (has.get(b.functionId) ?? 0) - (has.get(a.functionId) ?? 0));
    if (!next) return null;
    asked.push(next);
    missing -= next.useful;
    has.set(next.functionId, (has.get(next.functionId) ?? 0) - next.devices);
    spare.set(next.functionId, (spare.get(next.functionId) ?? 0) - 1);
  }
  const givers = new Map<string, GpuGiving>();
  for (const { functionId } of asked) {
    const count = asked.filter((candidate) => candidate.functionId === functionId).length;
    const all = candidates.filter((candidate) => candidate.functionId === functionId);
    givers.set(functionId, { count, among: new Set(all.map(({ containerId }) => containerId)) });
  }
  return givers;
}
