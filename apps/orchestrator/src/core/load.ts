/**
 * What a function has to do, in units: what takes one slot of a container. A unit is an input, or a batch of a batched
 * function. The autoscaler counts in units only, so whoever changes what takes a slot changes it here.
 */
import { queuedCount } from "./queue.ts";
import { begunCount } from "./slots.ts";
import type { FunctionCore } from "./state.ts";

/** Units that wait, wherever they do, and units that run; `alone` of both need a container each. */
export interface Load {
  queued: number;
  running: number;
  alone: number;
}

/** Inputs that wait in an agent have no slot yet: they are queued. Those that wait for a retry ask for nothing. */
export function loadOf(core: FunctionCore): Load {
  const suspects = core.suspects.length;
  const queued = queuedCount(core) + core.tail + core.prefetched;
  const alone = suspects + core.alone;
  const { batched } = core.settings;
  if (!batched) return { queued, running: begunCount(core), alone };
  // Full batches are what waiting inputs become; a suspect is a batch of its own.
  const batches = suspects + Math.ceil((queued - suspects) / batched.maxBatchSize);
  return { queued: batches, running: core.batches, alone };
}
