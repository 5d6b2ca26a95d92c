/**
 * Whether a function waits for itself: everything that runs (an input, or a batch by one of its inputs) has made an unfinished
 * call of this same function, work is queued, and there is no place for more. It resolves itself only if those
 * inputs do not wait for their calls, so it is said, not acted upon.
 */
import { inputIdOf } from "@bellows/protocol/ids";
import { queuedCount } from "./queue.ts";
import { capacity } from "./slots.ts";
import type { Batch, FunctionCore, Hold } from "./state.ts";

/** A sentence with what to do; null while there is no sign of it. */
export function deadlockOf(core: FunctionCore): string | null {
  const { children, settings, environmentCap, gpus, census } = core;
  if (children.size === 0 || core.freeContainers > 0 || queuedCount(core) + core.prefetched + core.tail === 0)
    return null;
  if (census.starting + core.requested + census.draining > 0) return null;
  const noGpuLeft = gpus?.more === 0;
  if (capacity(core) < Math.min(settings.maxContainers, environmentCap) && !noGpuLeft) return null;
  const callers = whoCallsItself(core);
  if (callers.length === 0 || callers.includes(false)) return null;
  const inContainers = `${core.containers.size} ${core.containers.size === 1 ? "container" : "containers"}`;
  const limit =
    environmentCap < settings.maxContainers
      ? `raise the environment's limit of ${environmentCap} containers`
      : `raise maxContainers above ${settings.maxContainers}`;
  const more = noGpuLeft ? "there is no GPU for another container; raise" : `${limit} or`;
  return (
    `all ${callers.length} running ${settings.batched ? "batches" : "inputs"} in ${inContainers} have called this same function, and those calls wait for a free slot; ` +
    `${more} concurrent.maxInputs above ${settings.maxInputs}, or call another function from it`
  );
}

/** Of each that runs, whether an unfinished call of the function is its own. The calls of a batch are of one of its inputs. */
function whoCallsItself({ containers, children }: FunctionCore): boolean[] {
  const callers = new Map<Hold | Batch, boolean>();
  for (const { holds } of containers.values()) {
    for (let hold = holds.head; hold; hold = hold.next) {
      if (!hold.begun) continue;
      const unit = hold.batch ?? hold;
      const isCaller = children.has(inputIdOf(hold.input.call.callId, hold.input.index));
      callers.set(unit, isCaller || callers.get(unit) === true);
    }
  }
  return [...callers.values()];
}
