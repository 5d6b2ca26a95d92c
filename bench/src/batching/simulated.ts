/** One load under one rule, in virtual time: the core's own dispatch, with another rule for when a batch goes out. */
import { simulate } from "@bellows/orchestrator/simulate";
import type { BatchRule } from "@bellows/orchestrator/state";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { BATCHING, batchMs } from "./kernel.ts";
import { triton } from "./rules/triton.ts";
import type { Load } from "./workload.ts";

export interface Outcome {
  /** From coming to the end of its batch, in milliseconds. */
  meanMs: number;
  /** From coming to beginning. */
  waitP95Ms: number;
  meanBatch: number;
  perSecond: number;
}

/** Time for what is left to be done after the last arrival. */
const REST_MS = 60_000;
const READY_MS = 1;

/** Bellows's own rule when none is given. */
export function outcomeOf({ atMs }: Load, batchRule?: BatchRule): Outcome {
  const sizes: number[] = [];
  const lastMs = atMs.at(-1) ?? 0;
  const { waitMs } = simulate({
    settings: parseFunctionOptions({ batched: BATCHING, minContainers: 1, maxContainers: 1 }),
    // The container is there before the first input.
    arrivals: { atMs: atMs.map((at) => at + 10 * READY_MS), serviceMs: new Float64Array(atMs.length) },
    model: {
      startMs: () => READY_MS,
      batchMs: ({ length }) => {
        sizes.push(length);
        return batchMs(length);
      },
    },
    untilMs: lastMs + REST_MS,
    environmentCap: 1,
    gpusPerContainer: 0,
    timelinePoints: 0,
    ...(batchRule ? { batchRule } : {}),
  });
  const busyMs = sizes.reduce((sum, size) => sum + batchMs(size), 0);
  const inputs = sizes.reduce((sum, size) => sum + size, 0);
  const serviceMs = sizes.reduce((sum, size) => sum + size * batchMs(size), 0) / inputs;
  return {
    meanMs: waitMs.mean + serviceMs,
    waitP95Ms: waitMs.p95,
    meanBatch: inputs / sizes.length,
    perSecond: (1_000 * inputs) / Math.max(lastMs, busyMs),
  };
}

const DELAYS_MS = [0, 2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100];

/** The lowest mean latency that any fixed delay up to `waitMs` gives: the best choice, known afterwards, of whoever sets one. */
export function bestFixedDelay(load: Load): Outcome & { delayMs: number } {
  const all = DELAYS_MS.map((delayMs) => ({ delayMs, ...outcomeOf(load, triton(delayMs)) }));
  return all.reduce((best, next) => (next.meanMs < best.meanMs ? next : best));
}
