/**
 * The dynamic batcher of NVIDIA Triton (model_configuration.md, "Dynamic Batcher"): when an instance is free it takes what
 * waits if that is a preferred size, here a full batch, or if the oldest request has waited for
 * `max_queue_delay_microseconds`; otherwise it waits for more. The default of that delay is 0: take what is there.
 */

import { gathered } from "@bellows/orchestrator/batch-rule";
import type { BatchRule } from "@bellows/orchestrator/state";

export function triton(delayMs: number): BatchRule {
  return (core, { maxBatchSize }, nowMs) =>
    core.queued.sync >= maxBatchSize ? nowMs : gathered(core).oldestMs + delayMs;
}
