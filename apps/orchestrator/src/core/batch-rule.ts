/**
 * When a batch goes out: it is full (of inputs, or of bytes), its oldest input has waited `waitMs`, or there is nothing more
 * to wait for.
 *
 * Waiting is for inputs that are known to come (stored ones that are not in memory, retries that fall due, the source
 * of a map that has only begun) and for those that the pace of arrivals promises within the time that is left. An input
 * that comes while nothing else is under way goes out at once: those that follow find its slot taken, and gather.
 */
import { nextArrivalBy } from "./arrivals.ts";
import { earliest } from "./due-times.ts";
import { inTurnCount } from "./queue.ts";
import type { Batching, FunctionCore } from "./state.ts";

/** Bytes of the values of a batch, unless a single one is larger: a batch travels as one message, and its worker holds all of it. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** Bellows's own rule. */
export function whenRipe(core: FunctionCore, { maxBatchSize, waitMs }: Batching, nowMs: number): number {
  if (inTurnCount(core) >= maxBatchSize) return nowMs;
  const { oldestMs, bytes } = gathered(core);
  const lastMs = oldestMs + waitMs;
  if (lastMs <= nowMs || bytes >= MAX_BATCH_BYTES) return nowMs;
  return Math.min(lastMs, Math.max(nowMs, joinsUntilMs(core, lastMs, nowMs)));
}

/** Of the inputs that wait. Asked while there are fewer than a batch, so looking at all of them is cheap. */
export function gathered(core: FunctionCore): { oldestMs: number; bytes: number } {
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

/** Until when another input may still join: `lastMs` while one is known to come, now when there is no sign of one. */
function joinsUntilMs(core: FunctionCore, lastMs: number, nowMs: number): number {
  const retryAtMs = earliest(core.dueTimes) ?? Number.POSITIVE_INFINITY;
  if (core.tail > 0 || core.loadsAsked > 0 || retryAtMs < lastMs) return lastMs;
  if (!isWorthIt(core)) return nowMs;
  const promisedMs = nextArrivalBy(core.arrivals, lastMs, nowMs);
  if (promisedMs !== null) return promisedMs;
  return isSourceRead(core) ? lastMs : nowMs;
}

/**
 * Waiting for the next input delays each that waits by the time between two arrivals, and saves the next one from waiting
 * for the batch to end: it is worth it while the first is less than the second. Unknown times say nothing against it.
 */
function isWorthIt(core: FunctionCore): boolean {
  const { arrivals, runMs } = core;
  return arrivals.everyMs === null || runMs === null || (inTurnCount(core) + 1) * arrivals.everyMs < runMs;
}

/** Nothing is known of the pace yet, and the source of a call is still being read. */
function isSourceRead(core: FunctionCore): boolean {
  for (const round of Object.values(core.rounds)) {
    for (let call = round.head; call; call = call.next) if (call.inputCount === null) return true;
  }
  return false;
}
