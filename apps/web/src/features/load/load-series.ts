/** The steps of a load as lines to draw: every step of the range, also those in which the function was idle. Pure. */
import type { LoadPoint, LoadView } from "@bellows/protocol/load-views";

export interface TimeRange {
  fromMs: number;
  toMs: number;
}

export interface LoadSeries {
  timesMs: number[];
  arrivedPerSecond: number[];
  queued: number[];
  running: number[];
  containers: number[];
  /** The step at each time; undefined where the function was idle. */
  points: (LoadPoint | undefined)[];
}

const SECOND_MS = 1_000;

export function loadSeries(
  { stepMs, points }: Pick<LoadView, "stepMs" | "points">,
  { fromMs, toMs }: TimeRange,
): LoadSeries {
  const byTime = new Map(points.map((point) => [point.atMs, point]));
  const firstMs = Math.ceil(fromMs / stepMs) * stepMs;
  const count = Math.max(0, Math.floor((toMs - firstMs) / stepMs) + 1);
  const timesMs = Array.from({ length: count }, (_, index) => firstMs + index * stepMs);
  const found = timesMs.map((atMs) => byTime.get(atMs));
  return {
    timesMs,
    // The last step has only begun: what came in it came in less than a step.
    arrivedPerSecond: found.map(
      (point, index) => ((point?.arrived ?? 0) * SECOND_MS) / lengthOf(timesMs[index] ?? toMs, stepMs, toMs),
    ),
    queued: found.map((point) => point?.queuedMax ?? 0),
    running: found.map((point) => point?.runningMax ?? 0),
    containers: found.map((point) => point?.containersMax ?? 0),
    points: found,
  };
}

function lengthOf(atMs: number, stepMs: number, toMs: number): number {
  return Math.max(SECOND_MS, Math.min(stepMs, toMs - atMs));
}
