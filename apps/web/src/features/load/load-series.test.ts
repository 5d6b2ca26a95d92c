import type { LoadPoint } from "@bellows/protocol/load-views";
import { expect, test } from "vitest";
import { loadSeries } from "./load-series.ts";

const NONE = { p50: null, p90: null, p99: null };

function point(atMs: number, more: Partial<LoadPoint>): LoadPoint {
  return {
    atMs,
    arrived: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    waitMs: NONE,
    startMs: NONE,
    runMs: NONE,
    queuedMax: 0,
    runningMax: 0,
    containersMax: 0,
    batchSizes: [],
    ...more,
  };
}

test("a line has every step of its range: idle ones are zero, and a step that has only begun is no dip", () => {
  const points = [point(10_000, { arrived: 50, queuedMax: 7 }), point(40_000, { arrived: 12, containersMax: 3 })];
  const series = loadSeries({ stepMs: 10_000, points }, { fromMs: 3_000, toMs: 42_000 });
  expect(series.timesMs).toEqual([10_000, 20_000, 30_000, 40_000]);
  expect(series.arrivedPerSecond).toEqual([5, 0, 0, 6]);
  expect(series.queued).toEqual([7, 0, 0, 0]);
  expect(series.containers).toEqual([0, 0, 0, 3]);
  expect(series.points[1]).toBeUndefined();
});
