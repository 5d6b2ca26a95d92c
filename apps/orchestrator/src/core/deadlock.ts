/**
 * Whether a function waits for itself: every attempt that runs is of an input which has made an unfinished call of this
 * same function, work is queued, and there is no place for one attempt more. It resolves itself only if those
 * inputs do not wait for their calls, so it is said, not acted upon.
 */
import { inputIdOf } from "@bellows/protocol/ids";
import { queuedCount } from "./queue.ts";
import { capacity } from "./slots.ts";
import type { FunctionCore } from "./state.ts";

/** A sentence with what to do; null while there is no sign of it. */
export function deadlockOf(core: FunctionCore): string | null {
  const { children, settings, environmentCap, gpus, census } = core;
  if (children.size === 0 || core.freeContainers > 0 || queuedCount(core) + core.prefetched + core.tail === 0)
    return null;
  if (census.starting + core.requested + census.draining > 0) return null;
  const noGpuLeft = gpus?.more === 0;
  if (capacity(core) < Math.min(settings.maxContainers, environmentCap) && !noGpuLeft) return null;
  let running = 0;
  for (const { holds } of core.containers.values()) {
    for (let hold = holds.head; hold; hold = hold.next) {
      if (!hold.begun) continue;
      if (!children.has(inputIdOf(hold.input.call.callId, hold.input.index))) return null;
      running += 1;
    }
  }
  if (running === 0) return null;
  const inContainers = `${core.containers.size} ${core.containers.size === 1 ? "container" : "containers"}`;
  const limit =
    environmentCap < settings.maxContainers
      ? `raise the environment's limit of ${environmentCap} containers`
      : `raise maxContainers above ${settings.maxContainers}`;
  const more = noGpuLeft ? "there is no GPU for another container; raise" : `${limit} or`;
  return (
    `all ${running} running inputs in ${inContainers} have called this same function, and those calls wait for a free slot; ` +
    `${more} concurrent.maxInputs above ${settings.maxInputs}, or call another function from it`
  );
}
