import { expect, test } from "vitest";
import { emptyNeedLevels, type KeepTimes, keptLevels, noteLevel } from "./need-levels.ts";

const TIMES: KeepTimes = { windowMs: 60_000, startMs: 10_000, brieflyMs: 2_000 };

/** The need at each of these seconds; how many of five are kept, for how long, at the last of them. */
function kept(steps: readonly [second: number, need: number][], atSecond: number, times = TIMES) {
  const levels = emptyNeedLevels();
  for (const [second, need] of steps) noteLevel(levels, need, second * 1_000, times);
  return keptLevels(levels, 5, atSecond * 1_000, times);
}

test("what is needed is kept without end", () => {
  expect(kept([[0, 3]], 100)).toEqual({ count: 3, keptMs: 0, untilMs: Number.POSITIVE_INFINITY });
});

test("what was needed is kept for a start time, the first one for the window", () => {
  const steps: [number, number][] = [
    [0, 3],
    [1, 2],
    [4, 0],
  ];
  expect(kept(steps, 5)).toEqual({ count: 3, keptMs: 10_000, untilMs: 11_000 });
  expect(kept(steps, 11)).toEqual({ count: 2, keptMs: 10_000, untilMs: 14_000 });
  expect(kept(steps, 14)).toEqual({ count: 1, keptMs: 60_000, untilMs: 64_000 });
  expect(kept(steps, 64).count).toBe(0);
});

test("a level whose pauses are longer than a start is kept briefly, until they are shorter again", () => {
  const long: [number, number][] = [
    [0, 2],
    [1, 1],
    [31, 2],
    [32, 1],
  ];
  expect(kept(long, 33)).toMatchObject({ count: 2, keptMs: 2_000 });
  expect(kept(long, 34)).toMatchObject({ count: 1, keptMs: 0 });
  // Three seconds of pause: keeping would have cost one second more, and saved a start.
  const short: [number, number][] = [
    [35, 2],
    [36, 1],
  ];
  expect(kept([...long, ...short], 37)).toMatchObject({ count: 2, keptMs: 10_000 });
});

test("pauses that are shorter than the brief time teach nothing", () => {
  const steps: [number, number][] = [];
  for (let second = 0; second < 20; second += 2) steps.push([second, 2], [second + 1, 1]);
  expect(kept(steps, 20)).toMatchObject({ count: 2, keptMs: 10_000 });
});

test("a level that was never needed is not kept", () => {
  expect(kept([], 0).count).toBe(0);
});

test("while times are unknown all are kept for the window", () => {
  const unknown = { windowMs: 60_000, startMs: 60_000, brieflyMs: 60_000 };
  const steps: [number, number][] = [
    [0, 4],
    [1, 0],
    [500, 4],
    [501, 0],
  ];
  expect(kept(steps, 560, unknown)).toEqual({ count: 4, keptMs: 60_000, untilMs: 561_000 });
});
