/**
 * The batch queue of Ray Serve (`_BatchQueue` in python/ray/serve/batching.py, 2.9): one loop for each replica takes the
 * first request, then waits for others until the batch is full or `batch_wait_timeout_s` has passed since it began to
 * wait. It begins to wait when the batch before it has ended, so what has gathered meanwhile waits for the time-out again.
 */

import { gathered } from "@bellows/orchestrator/batch-rule";
import type { BatchRule } from "@bellows/orchestrator/state";

export const rayServe: BatchRule = (core, { maxBatchSize, waitMs }, nowMs) => {
  if (core.queued.sync >= maxBatchSize) return nowMs;
  const free = core.buckets[0]?.head;
  const freeSinceMs = free ? Math.max(free.readyAtMs, free.progressAtMs) : nowMs;
  return Math.max(gathered(core).oldestMs, freeSinceMs) + waitMs;
};
