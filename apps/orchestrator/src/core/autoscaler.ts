/**
 * Bellows's own policy. Up at once, or when the demand has lasted scaleupWindow, but no container that would be ready too
 * late to help. Down when the need has been lower for as long as keeping is worth it, never longer than scaledownWindow; the
 * last container is kept for all of it. A constant load never makes it swing. Without knowledge (recovery) the present
 * number is held. Which rules were tried, and what they cost: docs/decisions/0016.
 */
import type { Scaled, ScalingCap, ScalingInputs, ScalingPolicy } from "./autoscale.ts";
import { emptyNeedLevels, type KeepTimes, type Kept, keptLevels, noteLevel } from "./need-levels.ts";
import { emptyNeedWindow, nextChangeMs, noteNeed } from "./need-window.ts";
import { steady } from "./steady-policy.ts";
import { nothingHeldBack, usefulNeed } from "./useful-need.ts";

/** One for each function: it remembers what was needed. */
export function autoscaler(): ScalingPolicy {
  const levels = emptyNeedLevels();
  const up = emptyNeedWindow();
  const held = nothingHeldBack();
  /** What was found after a restart was needed before it: it is kept for a whole window, whatever is measured meanwhile. */
  const found = { count: 0, untilMs: 0 };
  let changesMs = Number.POSITIVE_INFINITY;

  function decide(inputs: ScalingInputs): Scaled {
    const { settings, atMs, current, mode } = inputs;
    const wanted = wantedOf(inputs);
    const ceiling = Math.min(settings.maxContainers, inputs.environmentCap);
    const floor = Math.min(settings.minContainers, ceiling);
    const within = (count: number) => (mode === "stopped" ? 0 : Math.max(floor, Math.min(count, ceiling)));
    const useful = usefulNeed(inputs, wanted, held);
    const need = within(useful.need);
    const lowest = noteNeed(up, need, atMs, settings.scaleupWindowMs);
    const kept = keptOf(inputs, within(wanted), Math.min(current, ceiling));
    changesMs = useful.changesMs;
    if (kept.count > need) changesMs = Math.min(changesMs, kept.untilMs);
    if (settings.scaleupWindowMs > 0 && lowest < need) {
      changesMs = Math.min(changesMs, nextChangeMs(up, settings.scaleupWindowMs));
    }
    const lasting = Math.max(floor, settings.scaleupWindowMs > 0 ? Math.min(need, lowest) : need);
    const desired = Math.max(lasting, kept.count);
    const cappedBy = capOf(inputs, { wanted, useful: useful.need, ceiling });
    return bounded({
      inputs,
      wanted,
      need,
      desired,
      welcome: within(wanted),
      runMs: useful.runMs,
      tooLate: within(wanted) - need,
      keptMs: kept.keptMs,
      keptBecause: kept.because,
      gpusShort: 0,
      cappedBy,
    });
  }

  /** How many of `most` are kept, with the need of this level. */
  function keptOf(inputs: ScalingInputs, level: number, most: number): Kept {
    const { atMs, mode, settings } = inputs;
    const times = keepTimes(inputs);
    noteLevel(levels, level, atMs, times);
    if (mode === "recovering") Object.assign(found, { count: most, untilMs: atMs + settings.scaledownWindowMs });
    const kept = keptLevels(levels, most, atMs, times);
    if (atMs >= found.untilMs || kept.count >= found.count) return kept;
    const keptMs = settings.scaledownWindowMs;
    return { count: Math.min(most, found.count), keptMs, untilMs: found.untilMs, because: "found" };
  }

  return steady({ decide, nextChangeMs: () => changesMs });
}

/** At a constant load the pause of a container is shorter than a run: kept for two of them, it never swings. */
const KEPT_RUNS = 2;
/** Starting and ending costs the host more than the container's own time, however short a start is. */
const KEPT_AT_LEAST_MS = 2_000;

/** Never longer than scaledownWindow, and that long while a time is unknown. */
function keepTimes({ settings, runMs, startMs }: ScalingInputs): KeepTimes {
  const windowMs = settings.scaledownWindowMs;
  const keptForWindow = 1 + settings.bufferContainers;
  if (runMs == null || startMs == null) return { windowMs, startMs: windowMs, brieflyMs: windowMs, keptForWindow };
  const brieflyMs = Math.min(windowMs, Math.max(KEPT_AT_LEAST_MS, KEPT_RUNS * runMs));
  return { windowMs, startMs: Math.min(windowMs, Math.max(startMs, brieflyMs)), brieflyMs, keptForWindow };
}

/** By the load alone: enough for the units in flight at the target, and the buffer while there are any. */
function wantedOf({ settings, queued, running, alone = 0 }: ScalingInputs): number {
  const load = queued + running;
  if (load === 0) return 0;
  return alone + Math.ceil(Math.max(0, load - alone) / settings.targetInputs) + settings.bufferContainers;
}

/** What no load changes: an app that is stopped or not known yet, starts that fail, GPUs that there are not. */
function bounded(scaled: Scaled): Scaled {
  const { mode, current, started } = scaled.inputs;
  if (mode === "stopped") return { ...scaled, desired: 0 };
  if (mode === "recovering") return { ...scaled, desired: current };
  if (mode === "degraded" && scaled.desired > started) {
    scaled.desired = started + 1;
    scaled.cappedBy = "degraded";
  }
  clampToGpus(scaled);
  return scaled;
}

/** Last, and outside of the windows: a device that comes free is used at once, not after scaleupWindow. */
function clampToGpus(scaled: Scaled): void {
  const { gpus, current } = scaled.inputs;
  if (!gpus || scaled.desired <= current + gpus.more) return;
  scaled.gpusShort = scaled.desired - current - gpus.more;
  scaled.desired = current + gpus.more;
  scaled.cappedBy = "gpus";
}

/** What would help and may not be; also where less would help, but only just as many as there may be. */
function capOf(
  { settings, environmentCap }: ScalingInputs,
  { wanted, useful, ceiling }: { wanted: number; useful: number; ceiling: number },
): ScalingCap {
  if (wanted <= ceiling || useful < ceiling) return null;
  return environmentCap < settings.maxContainers ? "environment" : "maxContainers";
}
