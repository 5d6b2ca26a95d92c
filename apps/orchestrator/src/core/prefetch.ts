/**
 * How much work waits in an agent, so that a tiny function does not pay a round trip per input: a few milliseconds of
 * it by the measured execution time, nothing for a slow function. Order and fairness hold at this granularity.
 */
import { runsAtMostOnce } from "./retry.ts";
import type { Container, FunctionCore } from "./state.ts";

/** Work kept waiting in a container. A round trip takes about a millisecond, and the engine's turns a few. */
const PREFETCH_MS = 10;
const MAX_PREFETCHED = 1_024;
/** Values of this size take longer to send than a round trip, and the agent has to keep them in memory. */
const MAX_PREFETCHED_BYTES = 4 * 1024 * 1024;

/** Whether a value of this size may wait in the container besides those that do. */
export function fitsPrefetch(container: Container, bytes: number): boolean {
  return container.prefetchedBytes + bytes <= MAX_PREFETCHED_BYTES;
}

/** Inputs that may wait in the container; 0 while nothing is measured, for single-use containers and for batches, and where it matters whether one has begun. */
export function prefetchDepth(core: FunctionCore, container: Container): number {
  const { singleUseContainers, batched } = core.settings;
  if (core.runMs === null || singleUseContainers || batched || runsAtMostOnce(core.settings)) return 0;
  if (core.runMs * MAX_PREFETCHED <= PREFETCH_MS) return MAX_PREFETCHED;
  return Math.min(MAX_PREFETCHED, Math.floor((PREFETCH_MS * container.slots) / core.runMs));
}
