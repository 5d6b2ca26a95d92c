/**
 * Knative's pod autoscaler (KPA), from its published algorithm: `Scale` in
 * github.com/knative/serving pkg/autoscaler/scaling/autoscaler.go, with the defaults of config-autoscaler.
 *
 * The mean concurrency (running and buffered requests) over the stable window of 60 s, divided by the target; the same over the panic
 * window of 6 s. When the second asks for at least twice the ready pods, it panics: the number only grows until the
 * panic threshold was not reached for a stable window. A look every 2 s, at once when there are no pods and a request
 * comes. To zero only after a stable window without any request, and a grace period of 30 s.
 *
 * Target: 70 % of what a container takes at once.
 */
import type { ScalingInputs, ScalingPolicy } from "@bellows/orchestrator/autoscale";
import { LevelHistory } from "../level-history.ts";
import { polledPolicy } from "../polled-policy.ts";

const TICK_MS = 2_000;
const STABLE_MS = 60_000;
const PANIC_MS = 6_000;
const PANIC_THRESHOLD = 2;
const TARGET_UTILIZATION = 0.7;
const MAX_SCALE_UP_RATE = 1_000;
const MAX_SCALE_DOWN_RATE = 2;
const GRACE_MS = 30_000;

export function knative(): ScalingPolicy {
  const concurrency = new LevelHistory(STABLE_MS);
  let panicMs: number | null = null;
  let maxPanicPods = 0;
  let busyMs = 0;

  function desired(inputs: ScalingInputs): number {
    const { atMs, current, started } = inputs;
    const target = inputs.settings.targetInputs * TARGET_UTILIZATION;
    const ready = Math.max(1, started);
    const up = Math.ceil(MAX_SCALE_UP_RATE * ready);
    const down = Math.floor(ready / MAX_SCALE_DOWN_RATE);
    const stablePods = Math.ceil(concurrency.mean(atMs - STABLE_MS, atMs) / target);
    const panicPods = Math.ceil(concurrency.mean(atMs - PANIC_MS, atMs) / target);
    const stable = Math.min(Math.max(stablePods, down), up);
    const panic = Math.min(Math.max(panicPods, down), up);
    const isOver = panicPods / ready >= PANIC_THRESHOLD;
    if (isOver) panicMs = atMs;
    else if (panicMs !== null && panicMs + STABLE_MS < atMs) {
      panicMs = null;
      maxPanicPods = 0;
    }
    let pods = stable;
    if (panicMs !== null) {
      maxPanicPods = Math.max(maxPanicPods, stable, panic);
      pods = maxPanicPods;
    }
    // The mean of a window with any request in it is above zero; the last pod goes after the grace period.
    if (pods === 0 && current > 0 && atMs - busyMs < STABLE_MS + GRACE_MS) return 1;
    return pods;
  }

  return polledPolicy({
    everyMs: TICK_MS,
    note(inputs) {
      const load = inputs.queued + inputs.running;
      if (load > 0) busyMs = inputs.atMs;
      concurrency.note(inputs.atMs, load);
    },
    // The activator pokes the autoscaler for the first request: one pod at least.
    desired: (inputs) => Math.max(inputs.queued > 0 && inputs.current === 0 ? 1 : 0, desired(inputs)),
    isUrgent: (inputs, held) => held === 0 && inputs.current === 0 && inputs.queued > 0,
  });
}
