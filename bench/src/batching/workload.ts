/**
 * What is batched in the comparison: a kernel that costs 20 ms and 2 ms more for each input, in batches of up to 32 that
 * may wait for 100 ms, in one container. Full batches make 32 inputs in 84 ms, so 381 a second; one by one it is 45.
 */
import { randomOf } from "@bellows/orchestrator/seeded-random";

export const BATCHING = { maxBatchSize: 32, waitMs: 100 };
const BATCH_MS = 20;
const INPUT_MS = 2;

export function batchMs(size: number): number {
  return BATCH_MS + INPUT_MS * size;
}

/** Inputs a second of full batches, one after the other. */
export const MOST_PER_SECOND = (1_000 * BATCHING.maxBatchSize) / batchMs(BATCHING.maxBatchSize);

export interface Load {
  name: string;
  /** In milliseconds from the start. */
  atMs: number[];
}

/** At random (Poisson), so many a second on average. */
export function poisson(perSecond: number, seconds: number, seed = perSecond): Load {
  const random = randomOf(seed);
  const atMs: number[] = [];
  for (let at = 0; ; ) {
    at += (-Math.log(1 - random.next()) * 1_000) / perSecond;
    if (at >= seconds * 1_000) return { name: `${perSecond} a second`, atMs };
    atMs.push(at);
  }
}

/** Several callers at once, and nothing between. */
export function bursts(size: number, everyMs: number, seconds: number): Load {
  const count = Math.floor((seconds * 1_000) / everyMs);
  // A few microseconds apart, as they come over a link.
  const atMs = Array.from({ length: count }, (_, burst) =>
    Array.from({ length: size }, (_, at) => burst * everyMs + at * 0.2),
  );
  return { name: `${size} at once, every ${everyMs / 1_000} s`, atMs: atMs.flat() };
}
