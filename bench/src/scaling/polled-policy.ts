/** A policy that looks at fixed intervals and holds its answer between them, within the bounds of the function. */
import type { Scaled, ScalingInputs, ScalingPolicy } from "@bellows/orchestrator/autoscale";

export interface PolledPeer {
  everyMs: number;
  /** Told of every change, also between the looks. */
  note?: (inputs: ScalingInputs) => void;
  /** How many containers there should be, by what was noted and by what is. */
  desired: (inputs: ScalingInputs) => number;
  /** Whether it looks at once, without waiting for the interval. */
  isUrgent?: (inputs: ScalingInputs, desired: number) => boolean;
}

export function polledPolicy({ everyMs, note, desired, isUrgent }: PolledPeer): ScalingPolicy {
  let nextMs = 0;
  let held = 0;
  return {
    decide(inputs) {
      note?.(inputs);
      const { atMs } = inputs;
      if (atMs >= nextMs || isUrgent?.(inputs, held)) {
        held = desired(inputs);
        while (nextMs <= atMs) nextMs += everyMs;
      }
      return within(inputs, held);
    },
    nextChangeMs: () => nextMs,
  };
}

function within(inputs: ScalingInputs, wanted: number): Scaled {
  const { minContainers, maxContainers } = inputs.settings;
  const desired = Math.max(minContainers, Math.min(wanted, maxContainers, inputs.environmentCap));
  return {
    inputs,
    wanted,
    need: desired,
    desired,
    welcome: desired,
    runMs: null,
    tooLate: 0,
    keptMs: 0,
    keptBecause: "needed",
    gpusShort: 0,
    cappedBy: null,
  };
}
