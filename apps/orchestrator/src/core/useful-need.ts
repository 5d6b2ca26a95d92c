/**
 * What starting and keeping is worth, by measured times. While a container starts, each slot does a start time of work: what
 * waits beyond that gets containers of its own, the rest would be done before they are ready. An idle container is kept for
 * as long as starting it again would take: with that rule nobody pays more than twice what knowing the future would save
 * (ski rental: Karlin, Manasse, Rudolph, Sleator, "Competitive snoopy caching", Algorithmica 3, 1988).
 *
 * Nothing waits for ever: while something waits and no slot is free at least one container is starting, and one more may
 * for every start time that the rest has been held back.
 */
import type { ScalingInputs } from "./autoscale.ts";

/** At a constant load the pause of a container is shorter than a run: kept for two of them, it never swings. */
const KEPT_RUNS = 2;
/** Starting and ending costs the host more than the container's own time, however short a start is. */
const KEPT_AT_LEAST_MS = 5_000;

export interface UsefulNeed {
  need: number;
  /** Since when something was held back, or since the last one that was started all the same; null when nothing is. */
  heldBackMs: number | null;
  /** When one more may be started because the others have been held back for a start time; infinite when none is. */
  changesMs: number;
}

/** `wanted` without the containers that would be too late. While a time is unknown nothing is held back. */
export function usefulNeed(inputs: ScalingInputs, wanted: number, heldBackMs: number | null): UsefulNeed {
  const { atMs, settings, queued, running, current, runMs, startMs, alone, singleUse } = inputs;
  const isKnown = runMs != null && startMs != null && startMs > 0;
  // A container that does one unit does no work for the others while they start.
  if (!isKnown || alone || singleUse || current === 0 || wanted <= current) {
    return { need: wanted, heldBackMs: null, changesMs: Number.POSITIVE_INFINITY };
  }
  const units = running + (queued * runMs) / startMs;
  const useful = Math.min(wanted, Math.max(1, Math.ceil(units / settings.targetInputs)) + settings.bufferContainers);
  if (useful >= wanted) return { need: wanted, heldBackMs: null, changesMs: Number.POSITIVE_INFINITY };
  const sinceMs = heldBackMs ?? atMs;
  // The present ones should have done it by now: the times were wrong, or a start hangs.
  if (atMs - sinceMs >= startMs) {
    return { need: Math.max(useful, current + 1), heldBackMs: atMs, changesMs: atMs + startMs };
  }
  return { need: useful, heldBackMs: sinceMs, changesMs: sinceMs + startMs };
}

/** How long an idle container above the need is kept: never longer than scaledownWindow, and that long while a time is unknown. */
export function keepMs({ settings, runMs, startMs }: ScalingInputs): number {
  if (runMs == null || startMs == null) return settings.scaledownWindowMs;
  const worthMs = Math.max(startMs, KEPT_RUNS * runMs, KEPT_AT_LEAST_MS);
  return Math.min(worthMs, settings.scaledownWindowMs);
}
