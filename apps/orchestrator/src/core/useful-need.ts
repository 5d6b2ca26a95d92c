/**
 * What starting and keeping is worth, by measured times. A container that would be ready when the present ones have done the
 * work is not started; an idle one is kept for as long as starting it again would cost more. Nothing waits for ever: while
 * something waits that no slot is free for, at least one container is starting, and every start time one more may.
 */
import type { ScalingInputs } from "./autoscale.ts";

/**
 * Waiting units may take the present slots this share of a start time; what is more than that gets containers of its own.
 * Half: a start that has been asked for is half over on the average, and less pays a minute's start for every short peak.
 */
const START_SHARE = 0.5;
/**
 * An idle container is kept for so many start times. To start it again costs one of its own, and one to every input that
 * waits for it: four are a bit more than an input and its container (see "ski rental" in docs/decisions/0014).
 */
const KEPT_STARTS = 4;
/** And for so many run times: at a constant load the pause of a container is shorter than a run. */
const KEPT_RUNS = 2;
/** And at least this long: starting costs the host more than the container's own time. */
const KEPT_AT_LEAST_MS = 5_000;

export interface UsefulNeed {
  need: number;
  /** Since when something was held back, or since the last one that was started all the same; null when nothing is. */
  heldBackMs: number | null;
  /** When one more may be started because the others have been held back for a start time; null when none is. */
  changesMs: number | null;
}

/** `wanted` without the containers that would be too late. While a time is unknown nothing is held back. */
export function usefulNeed(inputs: ScalingInputs, wanted: number, heldBackMs: number | null): UsefulNeed {
  const { atMs, settings, queued, running, current, runMs, startMs, alone } = inputs;
  const isKnown = runMs != null && startMs != null && startMs > 0;
  if (!isKnown || alone || current === 0 || wanted <= current) {
    return { need: wanted, heldBackMs: null, changesMs: null };
  }
  const units = running + (queued * runMs) / (startMs * START_SHARE);
  const useful = Math.min(wanted, Math.ceil(units / settings.targetInputs) + settings.bufferContainers);
  if (useful >= wanted) return { need: wanted, heldBackMs: null, changesMs: null };
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
  const worthMs = Math.max(KEPT_STARTS * startMs, KEPT_RUNS * runMs, KEPT_AT_LEAST_MS);
  return Math.min(worthMs, settings.scaledownWindowMs);
}
