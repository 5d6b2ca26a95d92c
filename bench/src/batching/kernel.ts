/**
 * What is batched in the comparison: 20 ms and 2 ms more for each input, in batches of up to 32 that may wait for 100 ms,
 * in one container. Full batches make 32 inputs in 84 ms, so 381 a second; one by one it is 45.
 */
export const BATCHING = { maxBatchSize: 32, waitMs: 100 };
const BATCH_MS = 20;
const INPUT_MS = 2;

export function batchMs(size: number): number {
  return BATCH_MS + INPUT_MS * size;
}

/** Inputs a second of full batches, one after the other. */
export const MOST_PER_SECOND = (1_000 * BATCHING.maxBatchSize) / batchMs(BATCHING.maxBatchSize);
