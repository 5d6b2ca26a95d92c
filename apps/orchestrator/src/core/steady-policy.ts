/**
 * A host whose clock is set back: a policy remembers times, and would keep and wait for as long as it was set back. So it is
 * told of a clock that goes on from where it was; what is set forward is time that has passed. The ages of batches
 * (`load.ts`) are by the host's own clock: those that run then look younger until they end. What starts meanwhile is not
 * measured (`measured-times.ts`).
 */
import type { Scaled, ScalingInputs, ScalingPolicy } from "./autoscale.ts";

export function steady(policy: ScalingPolicy): ScalingPolicy {
  let lastMs = Number.NEGATIVE_INFINITY;
  /** By how much its clock is ahead of the host's. */
  let aheadMs = 0;
  /** The end of a run is of the time before the clock was set back, until another one has ended. */
  const runEnded: { toldMs: number | null; atMs: number | null } = { toldMs: null, atMs: null };

  function decide(told: ScalingInputs): Scaled {
    aheadMs = Math.max(aheadMs, lastMs - told.atMs);
    lastMs = told.atMs + aheadMs;
    const { runEndedMs = null } = told;
    if (runEndedMs !== runEnded.toldMs) {
      runEnded.toldMs = runEndedMs;
      runEnded.atMs = runEndedMs === null ? null : Math.min(lastMs, runEndedMs + aheadMs);
    }
    if (aheadMs === 0) return policy.decide(told);
    return { ...policy.decide({ ...told, atMs: lastMs, runEndedMs: runEnded.atMs }), inputs: told };
  }

  return { decide, nextChangeMs: () => policy.nextChangeMs() - aheadMs };
}
