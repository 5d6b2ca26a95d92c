/**
 * The batch queue of Ray Serve (`_BatchQueue` in python/ray/serve/batching.py): a loop in each replica takes the first
 * request, and then others until the batch is full or `batch_wait_timeout_s` has passed since the first; the batch then waits
 * for the one before it to end (`max_concurrent_batches`, 1 by default) while the next one gathers.
 */
import { gathered } from "@bellows/orchestrator/batch-rule";
import type { BatchRule } from "@bellows/orchestrator/state";

export const rayServe: BatchRule = (core, { maxBatchSize, waitMs }, nowMs) =>
  core.queued.sync >= maxBatchSize ? nowMs : gathered(core).oldestMs + waitMs;
