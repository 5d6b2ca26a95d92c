import { expect, test } from "vitest";
import { forgetPace, nextArrivalBy, noArrivals, noteArrival } from "./arrivals.ts";

function after(gapsMs: readonly number[], { isBusy = true } = {}) {
  const arrivals = noArrivals();
  const longestMs = 200;
  let nowMs = 1_000;
  noteArrival(arrivals, { nowMs, longestMs, isBusy });
  for (const gapMs of gapsMs) {
    nowMs += gapMs;
    noteArrival(arrivals, { nowMs, longestMs, isBusy });
  }
  return { arrivals, nowMs };
}

test("one arrival says nothing of the pace", () => {
  const { arrivals, nowMs } = after([]);
  expect(nextArrivalBy(arrivals, nowMs + 100, nowMs)).toBeNull();
});

test("what comes in one moment is one arrival", () => {
  const { arrivals } = after([0, 0, 10, 0]);
  expect(arrivals.everyMs).toBe(10);
});

test("a pace slower than the time that is left promises nothing", () => {
  const { arrivals, nowMs } = after([50, 50, 50]);
  expect(nextArrivalBy(arrivals, nowMs + 40, nowMs)).toBe(nowMs);
  expect(nextArrivalBy(arrivals, nowMs + 60, nowMs)).toBe(nowMs + 60);
});

test("a long pause hides the pace of the burst after it for a few arrivals only", () => {
  const { arrivals, nowMs } = after([600_000, 1, 1, 1, 1, 1, 1]);
  expect(arrivals.everyMs).toBeLessThan(30);
  expect(nextArrivalBy(arrivals, nowMs + 100, nowMs)).toBeGreaterThan(nowMs);
});

test("arrivals that have been quiet for three times their pace have stopped", () => {
  const { arrivals, nowMs } = after([10, 10, 10]);
  expect(nextArrivalBy(arrivals, nowMs + 100, nowMs)).toBe(nowMs + 30);
});

test("what comes only when the one before has ended promises nothing to whoever waits", () => {
  const { arrivals, nowMs } = after([5, 5, 5, 5], { isBusy: false });
  expect(nextArrivalBy(arrivals, nowMs + 100, nowMs)).toBeNull();
});

test("a pace at which nobody came is forgotten", () => {
  const { arrivals, nowMs } = after([5, 5, 5]);
  forgetPace(arrivals);
  expect(nextArrivalBy(arrivals, nowMs + 100, nowMs)).toBeNull();
});
