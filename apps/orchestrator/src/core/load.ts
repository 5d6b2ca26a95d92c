/**
 * What a function has to do, in units: what takes one slot of a container. A unit is an input. The autoscaler counts in
 * units only, so whoever changes what takes a slot changes it here.
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

export function loadOf(core: FunctionCore): Load {
  return {
    queued: queuedCount(core) + core.tail + core.prefetched,
    running: begunCount(core),
    alone: core.suspects.length + core.alone,
  };
}
