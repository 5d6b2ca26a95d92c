/**
 * beta9's queue depth rule, from its published algorithm: pkg/abstractions/{taskqueue,endpoint}/autoscaler.go and
 * common/autoscaler.go in github.com/beam-cloud/beta9: once a second, tasks in flight divided by tasks per container,
 * rounded up. A container that has had a task is kept for `keep_warm_seconds` after it: 10 s for a task queue, 180 s for an
 * endpoint. Containers are taken in an order in which the idle ones stay idle, so a container's idle time is how long
 * the need has been lower.
 */
import type { ScalingPolicy } from "@bellows/orchestrator/autoscale";
import { HighestOf } from "../highest-of.ts";
import { polledPolicy } from "../polled-policy.ts";

const SAMPLE_MS = 1_000;

export function beta9(keepWarmMs: number): ScalingPolicy {
  const needs = new HighestOf(keepWarmMs);
  return polledPolicy({
    everyMs: SAMPLE_MS,
    desired({ atMs, queued, running, current, settings }) {
      const needed = Math.ceil((queued + running) / settings.targetInputs);
      return Math.max(needed, Math.min(current, needs.note(atMs, needed)));
    },
  });
}
