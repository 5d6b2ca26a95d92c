/**
 * Ray Serve's replica autoscaling, from its published algorithm: `python/ray/serve/autoscaling_policy.py` in
 * github.com/ray-project/ray, with the defaults of `AutoscalingConfig`.
 *
 * Ongoing requests (running and queued), averaged over the last 30 s and reported every 10 s, divided by
 * `target_ongoing_requests` (2 by default) give the replicas. The controller looks every 0.1 s; more replicas only when
 * it has wanted more at every look for 30 s, fewer when it has wanted fewer for 600 s, and to zero only from one. A
 * first request starts one replica at once. `min_replicas` is 0 here, so that it may reach zero as the others do.
 */
import type { ScalingInputs, ScalingPolicy } from "@bellows/orchestrator/autoscale";
import { LevelHistory } from "../level-history.ts";
import { polledPolicy } from "../polled-policy.ts";

const CONTROL_LOOP_MS = 100;
const METRICS_INTERVAL_MS = 10_000;
const LOOK_BACK_MS = 30_000;
const UPSCALE_DELAY_MS = 30_000;
const DOWNSCALE_DELAY_MS = 600_000;

export function rayServe(targetOngoingRequests: number): ScalingPolicy {
  const ongoing = new LevelHistory(LOOK_BACK_MS);
  let reported = 0;
  let reportMs = 0;
  let target = 0;
  let counter = 0;

  function desired(inputs: ScalingInputs): number {
    const { atMs, started, queued, running } = inputs;
    // A handle reports at once while there is no replica.
    if (atMs >= reportMs || (started === 0 && queued > 0)) {
      reported = started === 0 ? queued + running : ongoing.mean(atMs - LOOK_BACK_MS, atMs);
      reportMs = atMs + METRICS_INTERVAL_MS;
    }
    if (started === 0) {
      if (reported > 0) target = Math.max(1, target);
      return target;
    }
    const wanted = Math.ceil(reported / targetOngoingRequests);
    const { delayMs, step, to } = moveTo(wanted, target);
    counter = step === 0 || Math.sign(counter) === -step ? step : counter + step;
    if (step !== 0 && Math.abs(counter) > Math.floor(delayMs / CONTROL_LOOP_MS)) {
      counter = 0;
      target = to;
    }
    return target;
  }

  return polledPolicy({
    everyMs: CONTROL_LOOP_MS,
    note: ({ atMs, queued, running }) => ongoing.note(atMs, queued + running),
    desired,
  });
}

function moveTo(wanted: number, target: number): { step: -1 | 0 | 1; delayMs: number; to: number } {
  if (wanted > target) return { step: 1, delayMs: UPSCALE_DELAY_MS, to: wanted };
  if (wanted < target) return { step: -1, delayMs: DOWNSCALE_DELAY_MS, to: target === 1 ? 0 : Math.max(1, wanted) };
  return { step: 0, delayMs: 0, to: target };
}
