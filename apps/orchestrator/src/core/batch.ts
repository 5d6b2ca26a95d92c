/**
 * Batches: inputs of a batched function that are handed over together, take one slot, begin and are judged together.
 * One goes out when a container has a free slot and it is ripe: full (of inputs, or of bytes), or its oldest input has waited `waitMs`, or there
 * is nothing more to wait for. What is not ripe stays in the queue, so turns, cancels and retries know nothing of it.
 *
 * Waiting is for inputs that are known to come (stored ones that are not in memory, retries that fall due, the source
 * of a map that has only begun) and for those that the pace of arrivals promises within the time that is left. An input
 * that comes while nothing else is under way goes out at once: those that follow find its slot taken, and gather.
 */
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { forgetPace, nextArrivalBy } from "./arrivals.ts";
import { earliest } from "./due-times.ts";
import { wantLoad } from "./loading.ts";
import { inTurnCount, peekNext, takeNext } from "./queue.ts";
import { handOver, newBatch, rank } from "./slots.ts";
import type { Container, FunctionCore } from "./state.ts";

type Batching = NonNullable<FunctionSettings["batched"]>;

/** Bytes of the values of a batch, unless a single one is larger: a batch travels as one message, and its worker holds all of it. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** Hands ripe batches to free slots: the fullest container below its target first, then the emptiest. */
export function giveBatches(core: FunctionCore, batching: Batching, nowMs: number): void {
  while (core.freeContainers > 0 && ripeAtMs(core, batching, nowMs) <= nowMs) {
    const container = fullestBelowTarget(core) ?? emptiestOfTheRest(core);
    if (!container) return;
    giveBatch(core, container, batching, nowMs);
    rank(core, container);
  }
}

/** When the batch that forms should go out, if nothing happens before; infinite when none forms or no slot is free. */
export function nextBatchAtMs(core: FunctionCore, nowMs: number): number {
  const { batched } = core.settings;
  return batched && core.freeContainers > 0 ? ripeAtMs(core, batched, nowMs) : Number.POSITIVE_INFINITY;
}

function ripeAtMs(core: FunctionCore, { maxBatchSize, waitMs }: Batching, nowMs: number): number {
  const waiting = inTurnCount(core);
  if (waiting === 0) return Number.POSITIVE_INFINITY;
  if (waiting >= maxBatchSize) return nowMs;
  const { oldestMs, bytes } = forming(core);
  const lastMs = oldestMs + waitMs;
  if (lastMs <= nowMs || bytes >= MAX_BATCH_BYTES) return nowMs;
  return Math.min(lastMs, Math.max(nowMs, joinsUntilMs(core, lastMs, nowMs)));
}

/** Until when another input may still join: `lastMs` while one is known to come, now when there is no sign of one. */
function joinsUntilMs(core: FunctionCore, lastMs: number, nowMs: number): number {
  const retryAtMs = earliest(core.dueTimes) ?? Number.POSITIVE_INFINITY;
  if (core.tail > 0 || core.loadsAsked > 0 || retryAtMs < lastMs) return lastMs;
  const promisedMs = nextArrivalBy(core.arrivals, lastMs, nowMs);
  if (promisedMs !== null) return promisedMs;
  return isSourceRead(core) ? lastMs : nowMs;
}

/** Nothing is known of the pace yet, and the source of a call is still being read. */
function isSourceRead(core: FunctionCore): boolean {
  for (const round of Object.values(core.rounds)) {
    for (let call = round.head; call; call = call.next) if (call.inputCount === null) return true;
  }
  return false;
}

/** Of the inputs that wait: there are fewer than a batch when this is asked, so looking at all of them is cheap. */
function forming(core: FunctionCore): { oldestMs: number; bytes: number } {
  let oldestMs = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (const round of Object.values(core.rounds)) {
    for (let call = round.head; call; call = call.next) {
      for (let input = call.queued.head; input; input = input.next) {
        oldestMs = Math.min(oldestMs, input.queuedAtMs);
        bytes += input.value?.byteLength ?? 0;
      }
    }
  }
  return { oldestMs, bytes };
}

function giveBatch(
  core: FunctionCore,
  container: Container,
  { maxBatchSize }: Pick<Batching, "maxBatchSize">,
  nowMs: number,
): void {
  const batch = newBatch(container);
  let bytes = 0;
  for (let size = 0; size < maxBatchSize; size++) {
    const next = peekNext(core);
    bytes += next?.value?.byteLength ?? 0;
    if (!next || (size > 0 && bytes > MAX_BATCH_BYTES)) break;
    takeNext(core);
    handOver(core, container, next, nowMs, batch);
    if (next.call.cursor < next.call.storedTo) wantLoad(core, next.call);
  }
  if (batch.left === 1) forgetPace(core.arrivals);
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
