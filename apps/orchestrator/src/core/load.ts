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
  const queued = queuedCount(core) + core.tail + core.prefetched;
  const alone = core.suspects.length + core.alone;
  const { batched } = core.settings;
  if (!batched) return { queued, running: begunCount(core), alone };
  return { ...batchesOf(core, queued, batched.maxBatchSize), alone };
}

/**
 * Inputs that wait become full batches. Batches that run count as full as they are, where a batch ends before another
 * container could be there: what waits then joins the next one, and small batches are no reason for more containers, which
 * would only make them smaller. Where it runs for longer, whatever waits would wait for the end of it. A suspect is a batch.
 */
function batchesOf(core: FunctionCore, inputs: number, maxBatchSize: number): Omit<Load, "alone"> {
  const { runMs, startMs, batches } = core;
  const suspects = core.suspects.length;
  const isOverSoon = runMs !== null && startMs !== null && runMs < startMs;
  if (!isOverSoon) return { queued: suspects + Math.ceil((inputs - suspects) / maxBatchSize), running: batches };
  const shared = inputs - suspects + begunCount(core) - core.alone;
  const units = suspects + core.alone + Math.ceil(shared / maxBatchSize);
  const running = Math.min(batches, units);
  return { queued: units - running, running };
}
