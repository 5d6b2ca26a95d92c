/**
 * What a function has to do, in units: what takes one slot of a container. A unit is an input, or a batch of a batched
 * function. The autoscaler counts in units only, so whoever changes what takes a slot changes it here.
 */
import { queuedCount } from "./queue.ts";
import { begunCount } from "./slots.ts";
import type { Container, FunctionCore } from "./state.ts";

/** Units that wait, wherever they do, and units that run; `alone` of both need a container each. */
export interface Load {
  queued: number;
  running: number;
  alone: number;
}

/** Inputs that wait in an agent have no slot yet: they are queued. Those that wait for a retry ask for nothing. */
export function loadOf(core: FunctionCore, nowMs: number): Load {
  const queued = queuedCount(core) + core.tail + core.prefetched;
  const alone = core.suspects.length + core.alone;
  const { batched } = core.settings;
  if (!batched) return { queued, running: begunCount(core) - inDraining(core, ({ begun }) => begun), alone };
  return { ...batchesOf(core, queued, batched.maxBatchSize, nowMs), alone };
}

/** What runs in containers that will take nothing more has its place: it is no reason for others. */
function inDraining({ census, containers }: FunctionCore, count: (container: Container) => number): number {
  if (census.draining === 0) return 0;
  let sum = 0;
  for (const container of containers.values()) if (finishesWhatItRuns(container)) sum += count(container);
  return sum;
}

/** One that is told to end while it holds something is killed: that comes back and wants a place. */
function finishesWhatItRuns({ state, endAsked }: Container): boolean {
  return state === "draining" && !endAsked;
}

/**
 * Inputs that wait become full batches. Batches that run count as full as they are, where a batch ends before another
 * container could be there: what waits then joins the next one, and small batches are no reason for more containers, which
 * would only make them smaller. Where one runs for longer, as the mean says or as it has already, whatever waits would wait for
 * the end of it; so it would for one that ends with its container. A suspect is a batch.
 */
function batchesOf(core: FunctionCore, inputs: number, maxBatchSize: number, nowMs: number): Omit<Load, "alone"> {
  const { runMs, startMs, settings } = core;
  const suspects = core.suspects.length;
  const running = core.batches - inDraining(core, ({ taken }) => taken);
  const areOverSoon = runMs !== null && startMs !== null && runMs < startMs && !settings.singleUseContainers;
  if (!areOverSoon) return { queued: suspects + Math.ceil((inputs - suspects) / maxBatchSize), running };
  let whole = suspects;
  let shared = inputs - suspects;
  for (const container of core.containers.values()) {
    const { alone, holds, taken } = container;
    if (taken === 0 || finishesWhatItRuns(container)) continue;
    const hasRunLong = nowMs - (holds.head?.startedAtMs ?? nowMs) >= startMs;
    if (alone || hasRunLong) whole += taken;
    else shared += holds.length;
  }
  const units = whole + Math.ceil(shared / maxBatchSize);
  const shown = Math.min(running, units);
  return { queued: units - shown, running: shown };
}
