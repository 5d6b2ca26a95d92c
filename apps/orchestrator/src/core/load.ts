/** What a function has to do, in the units that containers are provisioned for: inputs, or batches of a batched function. */
import { queuedCount } from "./queue.ts";
import { begunCount } from "./slots.ts";
import type { FunctionCore } from "./state.ts";

export interface Load {
  queued: number;
  running: number;
}

/** Inputs that wait in an agent have no slot yet: they are queued. Those that wait for a retry ask for nothing. */
export function loadOf(core: FunctionCore): Load {
  const queued = queuedCount(core) + core.tail + core.prefetched;
  const { batched } = core.settings;
  if (!batched) return { queued, running: begunCount(core) };
  // A suspect is a batch of its own.
  const suspects = core.suspects.length;
  return { queued: suspects + Math.ceil((queued - suspects) / batched.maxBatchSize), running: core.batches };
}
