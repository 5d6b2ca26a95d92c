/**
 * Batches: inputs of a batched function that are handed over together, take one slot, begin and are judged together.
 * One goes out when a container has a free slot and it is ripe, which a rule says (`batch-rule.ts`). What is not ripe stays
 * in the queue, so turns, cancels and retries know nothing of it.
 */
import { forgetPace } from "./arrivals.ts";
import { MAX_BATCH_BYTES } from "./batch-rule.ts";
import { wantLoad } from "./loading.ts";
import { inTurnCount, peekNext, takeNext } from "./queue.ts";
import { handOver, newBatch, rank } from "./slots.ts";
import type { Batching, Container, FunctionCore } from "./state.ts";

/** Hands ripe batches to free slots: the fullest container below its target first, then the emptiest. */
export function giveBatches(core: FunctionCore, batching: Batching, nowMs: number): void {
  while (nextBatchAtMs(core, nowMs) <= nowMs) {
    const container = fullestBelowTarget(core) ?? emptiestOfTheRest(core);
    if (!container) return;
    giveBatch(core, container, batching, nowMs);
    rank(core, container);
  }
}

/** When the batch that forms should go out, if nothing happens before; infinite when none forms or no slot is free. */
export function nextBatchAtMs(core: FunctionCore, nowMs: number): number {
  const { batched } = core.settings;
  if (!batched || core.freeContainers === 0 || inTurnCount(core) === 0) return Number.POSITIVE_INFINITY;
  return core.batchRule(core, batched, nowMs);
}

function giveBatch(
  core: FunctionCore,
  container: Container,
  { maxBatchSize }: Pick<Batching, "maxBatchSize">,
  nowMs: number,
): void {
  const batch = newBatch(container, nowMs);
  let bytes = 0;
  for (let size = 0; size < maxBatchSize; size++) {
    const next = peekNext(core);
    bytes += next?.value?.byteLength ?? 0;
    if (!next || (size > 0 && bytes > MAX_BATCH_BYTES)) break;
    takeNext(core);
    handOver(core, container, next, nowMs, batch);
    if (next.call.cursor < next.call.storedTo) wantLoad(core, next.call);
  }
  if (batch.left === 1 && maxBatchSize > 1) forgetPace(core.arrivals);
}

function fullestBelowTarget(core: FunctionCore): Container | null {
  for (let taken = Math.min(core.settings.targetInputs, core.buckets.length) - 1; taken >= 0; taken--) {
    const container = core.buckets[taken]?.head;
    if (container) return container;
  }
  return null;
}

function emptiestOfTheRest(core: FunctionCore): Container | null {
  for (const bucket of core.buckets.slice(core.settings.targetInputs)) if (bucket.head) return bucket.head;
  return null;
}
