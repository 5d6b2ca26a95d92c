import { expect, test } from "vitest";
import { axisDuration, axisElapsed, axisNumber, axisTime } from "./axis-text.ts";

test("numbers on an axis are short and keep the digits that tell them apart", () => {
  expect([0, 0.5, 12, 1_000, 1_500, 2_000_000].map(axisNumber)).toEqual(["0", "0.5", "12", "1k", "1.5k", "2M"]);
  expect([0, 20, 1_500, 180_000].map(axisDuration)).toEqual(["0 ms", "20 ms", "1.5 s", "3 min"]);
});

test("time since a start is told in the largest units that fit", () => {
  const minute = 60_000;
  const times = [0, 45_000, 75_000, 12 * minute, 90 * minute, 120 * minute];
  expect(times.map(axisElapsed)).toEqual(["0", "45 s", "1 m 15 s", "12 min", "1 h 30", "2 h"]);
});

test("times on an axis have seconds only where ticks are close, and days where they are far apart", () => {
  const at = Date.UTC(2026, 2, 1, 14, 5, 30);
  expect(axisTime(at, [at, at + 10_000], "UTC")).toBe("14:05:30");
  expect(axisTime(at, [at, at + 300_000], "UTC")).toBe("14:05");
  expect(axisTime(at, [at, at + 86_400_000], "UTC")).toBe("1 Mar");
});
