/**
 * The pace at which inputs come, for who has to decide whether waiting for one more is worth it: a mean of the times
 * between arrivals that follows the last few. Inputs that come in one moment are one arrival.
 *
 * Only what comes while something is under way counts. A caller that makes one call after the other comes at a pace too,
 * but never while its call waits: whoever waited for it would wait for nobody. Where that has happened the pace is forgotten.
 */
export interface Arrivals {
  lastMs: number | null;
  /** Null before the second arrival. */
  everyMs: number | null;
}

/** Each arrival moves the mean by so much of the difference: about the last six count. */
const MEAN_SHARE = 0.3;
/** Arrivals by chance are this many means apart once in twenty times: after so long a quiet they have stopped. */
const QUIET_MEANS = 3;

export function noArrivals(): Arrivals {
  return { lastMs: null, everyMs: null };
}

/**
 * Notes an arrival; `isBusy`: inputs were waiting or running. A pause longer than `longestMs` counts as one of that
 * length: where nobody waits longer, longer ones are all alike, and the mean must find back to the pace of a burst within
 * a few arrivals.
 */
export function noteArrival(
  arrivals: Arrivals,
  { nowMs, longestMs, isBusy }: { nowMs: number; longestMs: number; isBusy: boolean },
): void {
  const { lastMs, everyMs } = arrivals;
  if (lastMs === nowMs) return;
  arrivals.lastMs = nowMs;
  if (lastMs === null || !isBusy) return;
  const passedMs = Math.min(nowMs - lastMs, longestMs);
  arrivals.everyMs = everyMs === null ? passedMs : everyMs + MEAN_SHARE * (passedMs - everyMs);
}

/** Nobody has come. */
export function forgetPace(arrivals: Arrivals): void {
  arrivals.everyMs = null;
}

/**
 * Until when to wait for the next arrival, if one is expected before `untilMs`: until then, or until it has been quiet
 * for so long that they have stopped, which may be over already. Null while the pace is not known.
 */
export function nextArrivalBy({ lastMs, everyMs }: Arrivals, untilMs: number, nowMs: number): number | null {
  if (lastMs === null || everyMs === null) return null;
  if (lastMs + everyMs > untilMs) return nowMs;
  return Math.min(untilMs, lastMs + QUIET_MEANS * everyMs);
}
