/**
 * KEDA with the Kubernetes horizontal pod autoscaler, from their published algorithms: keda.sh "Scaling Deployments"
 * and "ScaledObject specification" (pollingInterval 30 s, cooldownPeriod 300 s), kubernetes.io "Horizontal Pod
 * Autoscaling" (sync every 15 s, tolerance 0.1, scale-down stabilization 300 s, at most the double or 4 pods more in 15 s).
 *
 * KEDA looks every 30 s whether there is work and moves between zero and one; it lets go of the last pod when there
 * was none for 300 s. Between one and many the autoscaler divides the queue (requests in flight) by the target.
 */
import type { ScalingInputs, ScalingPolicy } from "@bellows/orchestrator/autoscale";
import { HighestOf } from "../highest-of.ts";
import { polledPolicy } from "../polled-policy.ts";

const POLLING_MS = 30_000;
const COOLDOWN_MS = 300_000;
const SYNC_MS = 15_000;
const TOLERANCE = 0.1;
const STABILIZATION_MS = 300_000;
const MORE_PODS = 4;

export function keda(): ScalingPolicy {
  const recommended = new HighestOf(STABILIZATION_MS);
  let pods = 0;
  let activeMs = Number.NEGATIVE_INFINITY;
  let isPoll = true;

  function desired(inputs: ScalingInputs): number {
    const { atMs, settings } = inputs;
    const load = inputs.queued + inputs.running;
    const looks = isPoll;
    isPoll = !isPoll;
    if (looks && load > 0) activeMs = atMs;
    if (pods === 0) {
      if (looks && load > 0) pods = 1;
      return pods;
    }
    const ratio = load / (pods * settings.targetInputs);
    const wanted = Math.abs(ratio - 1) <= TOLERANCE ? pods : Math.ceil(load / settings.targetInputs);
    const upTo = Math.max(pods * 2, pods + MORE_PODS);
    pods = Math.max(1, Math.min(recommended.note(atMs, wanted), upTo));
    if (looks && load === 0 && atMs - activeMs >= COOLDOWN_MS) pods = 0;
    return pods;
  }

  return polledPolicy({ everyMs: Math.min(SYNC_MS, POLLING_MS), desired });
}
