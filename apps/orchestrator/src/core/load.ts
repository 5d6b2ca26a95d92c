/**
 * What a function has to do, in units: what takes one slot of a container. A unit is an input, or a batch of a batched
 * function. The autoscaler counts in units only, so whoever changes what takes a slot changes it here.
 */
import { batchMs, largestMs } from "./batch-times.ts";
import { expectedTimes } from "./measured-times.ts";
import { queuedCount } from "./queue.ts";
import { begunCount } from "./slots.ts";
import type { Container, FunctionCore } from "./state.ts";

/** Units that wait, wherever they do, and units that run; `alone` of both need a container each. */
export interface Load {
  queued: number;
  running: number;
  alone: number;
  /** As how many full batches those that are over soon, and what waits, were counted: the next count starts from it. */
  sharedBatches: number;
}

/** Inputs that wait in an agent have no slot yet: they are queued. Those that wait for a retry ask for nothing. */
export function loadOf(core: FunctionCore, nowMs: number): Load {
  const queued = queuedCount(core) + core.tail + core.prefetched;
  const alone = core.suspects.length + core.alone;
  const { batched } = core.settings;
  if (!batched) return { queued, running: begunCount(core) - begunInDraining(core), alone, sharedBatches: 0 };
  return { ...batchesOf(core, queued, batched.maxBatchSize, nowMs), alone };
}

/** What runs in containers that will take nothing more has its place: it is no reason for others. */
function begunInDraining({ census, containers }: FunctionCore): number {
  if (census.draining === 0) return 0;
  let sum = 0;
  for (const container of containers.values()) if (finishesWhatItRuns(container)) sum += container.begun;
  return sum;
}

/** One that is told to end while it holds something is killed: that comes back and wants a place. */
function finishesWhatItRuns({ state, endAsked }: Container): boolean {
  return state === "draining" && !endAsked;
}

/** How much room has to be left, in batches, before one container fewer is enough: a load that is constant never swings. */
const ROOM_TO_SHRINK = 0.5;
/** A batch that is late by a start, or by four times what it should take and a second at least, may hang. */
const LATE_RUNS = 4;
const LATE_AT_LEAST_MS = 1_000;

/**
 * Inputs that wait become full batches. What fits into the batches that follow those which are over soon is no reason for a
 * container: it would be there later than the slot. Where a full batch takes less than a start, those that run count as what
 * their inputs would take of full ones: small ones are no reason for more containers either, which would only make them
 * smaller. Where one takes longer, or has already, it is a batch of its own. A suspect is a batch.
 */
function batchesOf(core: FunctionCore, inputs: number, size: number, nowMs: number): Omit<Load, "alone"> {
  const suspects = core.suspects.length;
  const { running, whole, shared, following } = runningBatches(core, size, nowMs);
  const filled = (shared + Math.max(0, inputs - suspects - following)) / size;
  const least = Math.ceil(filled);
  const most = Math.max(least, Math.min(running - whole, Math.ceil(filled + ROOM_TO_SHRINK)));
  const sharedBatches = Math.min(most, Math.max(least, core.sharedBatches));
  const units = suspects + whole + sharedBatches;
  const shown = Math.min(running, units);
  return { queued: units - shown, running: shown, sharedBatches };
}

/** Slots that batches take, those of them that count as one each, the inputs in the others, and how many can follow soon. */
function runningBatches(core: FunctionCore, size: number, nowMs: number) {
  const { runMs, startMs } = expectedTimes(core);
  const found = { running: 0, whole: 0, shared: 0, following: 0 };
  const areKnown = runMs !== null && startMs !== null && !core.settings.singleUseContainers;
  const fullMs = largestMs(core.batchTimes) ?? runMs ?? 0;
  for (const container of core.containers.values()) {
    const { alone, batches, state, taken } = container;
    if (taken === 0 || finishesWhatItRuns(container)) continue;
    found.running += taken;
    if (!areKnown || alone || state !== "ready") {
      found.whole += taken;
      continue;
    }
    for (const { left, size: inputs, slots, startedAtMs } of batches) {
      const takesMs = (inputs === null ? null : batchMs(core.batchTimes, inputs)) ?? runMs;
      const wholeMs = Math.max(takesMs, fullMs);
      const overdueMs = nowMs - startedAtMs - takesMs;
      const mayHang = overdueMs > Math.min(startMs, Math.max(LATE_AT_LEAST_MS, LATE_RUNS * takesMs));
      const isOverSoon = -overdueMs <= startMs && !mayHang;
      if (isOverSoon) found.following += slots * size;
      // Times are whole milliseconds, and may be none.
      const share = (left * wholeMs) / Math.max(1, takesMs);
      if (isOverSoon && wholeMs < startMs) found.shared += Math.min(slots * size, Math.max(left, share));
      else found.whole += slots;
    }
  }
  return found;
}
