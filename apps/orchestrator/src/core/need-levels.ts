/**
 * How long each of the containers is worth keeping when it has nothing to do. The k-th is needed while the need is k or more,
 * so what its pauses have been like can be seen in the need alone, also while it was not there.
 *
 * An idle container is kept for as long as starting it again would take: with that rule nobody pays more than twice what
 * knowing the future would save (ski rental: Karlin, Manasse, Rudolph, Sleator, "Competitive snoopy caching", Algorithmica 3,
 * 1988). Where that has cost more, pause by pause, than keeping it only briefly would have, it is kept briefly, and the
 * other way round (following the better of two experts: Littlestone and Warmuth, "The weighted majority algorithm",
 * Information and Computation 108, 1994). The first one and the buffer, which is wanted with it, are kept for all of the
 * window.
 */
export interface NeedLevels {
  /** The need now. */
  need: number;
  /** For each level from 1 on: since when the need has been lower; infinite while it is not. */
  readonly lowerSinceMs: number[];
  /** For each level: by how many container-milliseconds keeping it for a start time has been the better way. */
  readonly gainMs: number[];
}

export interface KeepTimes {
  /** Never more than the window, and this long for all while a time is unknown. */
  windowMs: number;
  startMs: number;
  brieflyMs: number;
  /** Levels that are kept for the window whatever they have cost. */
  keptForWindow: number;
}

/** Why a container is kept; what each says is in `scaling-reason.ts`. */
export type KeptBecause = "needed" | "window" | "start" | "least" | "briefly" | "found";

export interface Kept {
  count: number;
  /** For how long the last of them is kept, until when, and why. */
  keptMs: number;
  untilMs: number;
  because: KeptBecause;
}

/** Each pause of a level takes a tenth of what was learned before: about the last twenty count. */
const REMEMBERED = 0.9;

export function emptyNeedLevels(): NeedLevels {
  return { need: 0, lowerSinceMs: [], gainMs: [] };
}

/** The need is this from now on. */
export function noteLevel(levels: NeedLevels, need: number, nowMs: number, times: KeepTimes): void {
  const { lowerSinceMs, gainMs } = levels;
  for (let level = levels.need + 1; level <= need; level++) {
    const sinceMs = lowerSinceMs[level];
    const before = gainMs[level] ?? 0;
    gainMs[level] = sinceMs === undefined ? 0 : before * REMEMBERED + gainOf(nowMs - sinceMs, times);
    lowerSinceMs[level] = Number.POSITIVE_INFINITY;
  }
  for (let level = need + 1; level <= levels.need; level++) lowerSinceMs[level] = nowMs;
  levels.need = need;
}

/** How many of `current` there are reasons to keep, where fewer are needed. */
export function keptLevels(levels: NeedLevels, current: number, nowMs: number, times: KeepTimes): Kept {
  for (let level = current; level > levels.need; level--) {
    const because = becauseOf(levels, level, times);
    const keptMs = { window: times.windowMs, start: times.startMs, least: times.startMs, briefly: times.brieflyMs }[
      because
    ];
    const untilMs = (levels.lowerSinceMs[level] ?? Number.NEGATIVE_INFINITY) + keptMs;
    if (nowMs < untilMs) return { count: level, keptMs, untilMs, because };
  }
  return { count: Math.min(current, levels.need), keptMs: 0, untilMs: Number.POSITIVE_INFINITY, because: "needed" };
}

function becauseOf({ gainMs }: NeedLevels, level: number, times: KeepTimes): Exclude<KeptBecause, "needed" | "found"> {
  const { windowMs, startMs, brieflyMs, keptForWindow } = times;
  if (level <= keptForWindow || brieflyMs >= windowMs) return "window";
  if (brieflyMs >= startMs) return "least";
  if ((gainMs[level] ?? 0) < 0) return "briefly";
  return startMs >= windowMs ? "window" : "start";
}

/** What keeping through a pause of this length for a start time costs less than keeping it briefly. */
function gainOf(pauseMs: number, { startMs, brieflyMs }: KeepTimes): number {
  if (pauseMs <= brieflyMs) return 0;
  // Kept briefly it has to be started again.
  return pauseMs <= startMs ? brieflyMs + startMs - pauseMs : brieflyMs - startMs;
}
