/** Turns the autoscaler's decision into starts and drains. */
import type { ScalingInputs } from "./autoscale.ts";
import type { Effect } from "./events.ts";
import { loadOf } from "./load.ts";
import { expectedTimes } from "./measured-times.ts";
import { decisionOf } from "./scaling-reason.ts";
import { capacity } from "./slots.ts";
import { isDegraded } from "./start-failures.ts";
import type { FunctionCore } from "./state.ts";
import { drainIdle, endStarts } from "./victims.ts";

export function scale(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  forgetUnansweredRequest(core, nowMs);
  const current = capacity(core);
  const before = core.scaling.last?.desired ?? 0;
  const { sharedBatches, ...load } = loadOf(core, nowMs);
  core.sharedBatches = sharedBatches;
  const scaled = core.scaling.policy.decide({
    atMs: nowMs,
    ...load,
    settings: core.settings,
    environmentCap: core.environmentCap,
    unit: core.settings.batched ? "batch" : "input",
    current,
    started: startedCount(core),
    ...expectedTimes(core),
    runsMeasured: core.runsMeasured,
    runEndedMs: core.runEndedMs,
    singleUse: core.settings.singleUseContainers,
    gpus: core.gpus,
    mode: modeOf(core),
  });
  core.scaling.last = scaled;
  const { desired } = scaled;
  if (desired !== before) effects.push({ type: "decided", decision: decisionOf(scaled) });
  if (core.recovering) return;
  const starts = mayStart(core, nowMs);
  if (desired > current && starts) {
    const count = desired - current;
    core.requested += count;
    core.requestedAtMs = nowMs;
    effects.push({ type: "startContainers", count, deploymentId: core.deploymentId });
    // Each start takes a place in the line, also one for a container that has just ended: it is said anew what is short.
    if (core.gpus) core.gpusAwaited = null;
  } else if (desired < current) {
    const wanted = `${desired} ${desired === 1 ? "is" : "are"} wanted`;
    // While starts fail those that are under way may be the ones that succeed; and what the load wants is let come, also
    // where less would do: ending it and starting another later would keep inputs waiting for ever.
    if (core.census.starting > 0 && scaled.cappedBy !== "degraded") {
      endStarts(core, current - Math.max(desired, scaled.welcome), `not needed any more; ${wanted}`, effects);
    }
    // One that is starting takes no inputs yet, so none that does ends for its sake.
    if (core.freeContainers > 0) drainIdle(core, startedCount(core) - desired, `idle; ${wanted}`, effects);
  }
  // After the starts: they take what there is, and the rest is waited for. Whoever may not start must not hold up the line.
  awaitGpus(core, starts ? scaled.gpusShort : 0, effects);
}

/** Containers that are up, those that are cut off for a while included. */
function startedCount({ census }: FunctionCore): number {
  return census.ready + census.lost;
}

function awaitGpus(core: FunctionCore, count: number, effects: Effect[]): void {
  if (count === core.gpusAwaited) return;
  core.gpusAwaited = count;
  effects.push({ type: "awaitGpus", count });
}

/** While starts keep failing one at a time is tried, after its pause. */
function mayStart(core: FunctionCore, nowMs: number): boolean {
  if (!isDegraded(core.startFailures)) return true;
  return nowMs >= core.startFailures.pausedUntilMs && core.census.starting + core.requested === 0;
}

/** A request that nothing was heard of for as long as a start may take is repeated. */
function forgetUnansweredRequest(core: FunctionCore, nowMs: number): void {
  if (core.requested > 0 && nowMs - core.requestedAtMs > core.settings.startupTimeoutMs) core.requested = 0;
}

function modeOf(core: FunctionCore): ScalingInputs["mode"] {
  if (core.stopped) return "stopped";
  if (core.recovering) return "recovering";
  return isDegraded(core.startFailures) ? "degraded" : "normal";
}
