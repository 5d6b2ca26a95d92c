/**
 * Bellows's own policy. Up at once, or when the demand has lasted scaleupWindow, but no container that would be ready too
 * late to help. Down to the highest need of the last while, which is never longer than scaledownWindow; the last container
 * is kept for all of it. A constant load never makes it swing. Without knowledge (recovery) the present number is held.
 * Which rules were tried, and what they cost: docs/decisions/0016.
 */
import type { Scaled, ScalingCap, ScalingInputs, ScalingPolicy } from "./autoscale.ts";
import { emptyNeedWindow, nextChangeMs, noteNeed } from "./need-window.ts";
import { keepMs, usefulNeed } from "./useful-need.ts";

/** One for each function: it remembers what was needed. */
export function autoscaler(): ScalingPolicy {
  const down = emptyNeedWindow("highest");
  const last = emptyNeedWindow("highest");
  const found = emptyNeedWindow("highest");
  const up = emptyNeedWindow("lowest");
  /** Since when containers that would be too late have been held back. */
  let heldBackMs: number | null = null;
  let changesMs = Number.POSITIVE_INFINITY;

  function decide(inputs: ScalingInputs): Scaled {
    const { settings, atMs, current, mode } = inputs;
    const wanted = wantedOf(inputs);
    const ceiling = Math.min(settings.maxContainers, inputs.environmentCap);
    const floor = Math.min(settings.minContainers, ceiling);
    const within = (count: number) => (mode === "stopped" ? 0 : Math.max(floor, Math.min(count, ceiling)));
    const useful = usefulNeed(inputs, wanted, heldBackMs);
    heldBackMs = useful.heldBackMs;
    const need = within(useful.need);
    const keptMs = keepMs(inputs);
    const lowest = noteNeed(up, need, atMs, settings.scaleupWindowMs);
    const windowMs = settings.scaledownWindowMs;
    // What was found after a restart was needed before it: it is kept for a whole window, whatever is measured meanwhile.
    const isFinding = mode === "recovering";
    const highest = noteNeed(down, isFinding ? Math.max(need, current) : need, atMs, keptMs);
    const lastKept = noteNeed(last, Math.min(isFinding ? current : need, 1), atMs, windowMs);
    const foundKept = noteNeed(found, isFinding ? current : 0, atMs, windowMs);
    const kept = Math.max(highest, lastKept, foundKept);
    const isHeldForWindow = kept === lastKept || kept === foundKept;
    changesMs = useful.changesMs;
    if (kept > need) {
      // Whichever holds it up; of several the latest.
      const untilMs = Math.max(
        highest === kept ? nextChangeMs(down, keptMs) : 0,
        lastKept === kept ? nextChangeMs(last, windowMs) : 0,
        foundKept === kept ? nextChangeMs(found, windowMs) : 0,
      );
      changesMs = Math.min(changesMs, untilMs);
    }
    if (settings.scaleupWindowMs > 0 && lowest < need) {
      changesMs = Math.min(changesMs, nextChangeMs(up, settings.scaleupWindowMs));
    }
    const lasting = Math.max(floor, settings.scaleupWindowMs > 0 ? Math.min(need, lowest) : need);
    const desired = Math.max(lasting, Math.min(current, kept, ceiling));
    const tooLate = within(wanted) - need;
    const cappedBy = capOf(inputs, useful.need, ceiling);
    const keptForMs = isHeldForWindow ? windowMs : keptMs;
    return bounded({ inputs, wanted, need, desired, tooLate, keptMs: keptForMs, gpusShort: 0, cappedBy });
  }

  return { decide, nextChangeMs: () => changesMs };
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

/** What would help and may not be. */
function capOf({ settings, environmentCap }: ScalingInputs, useful: number, ceiling: number): ScalingCap {
  if (useful <= ceiling) return null;
  return environmentCap < settings.maxContainers ? "environment" : "maxContainers";
}
