import { expect, test } from "vitest";
import { emptyNeedLevels, type KeepTimes, keptLevels, noteLevel } from "./need-levels.ts";

const TIMES: KeepTimes = { windowMs: 60_000, startMs: 10_000, brieflyMs: 2_000, keptForWindow: 1 };

/** The need at each of these seconds; how many of five are kept, for how long, at the last of them. */
function kept(steps: readonly [second: number, need: number][], atSecond: number, times = TIMES) {
  const levels = emptyNeedLevels();
  for (const [second, need] of steps) noteLevel(levels, need, second * 1_000, times);
  return keptLevels(levels, 5, atSecond * 1_000, times);
}

test("what is needed is kept without end", () => {
  expect(kept([[0, 3]], 100)).toEqual({ count: 3, keptMs: 0, untilMs: Number.POSITIVE_INFINITY, because: "needed" });
});

test("what was needed is kept for a start time, the first one for the window", () => {
  const steps: [number, number][] = [
    [0, 3],
    [1, 2],
    [4, 0],
  ];
  expect(kept(steps, 5)).toEqual({ count: 3, keptMs: 10_000, untilMs: 11_000, because: "start" });
  expect(kept(steps, 11)).toEqual({ count: 2, keptMs: 10_000, untilMs: 14_000, because: "start" });
  expect(kept(steps, 14)).toEqual({ count: 1, keptMs: 60_000, untilMs: 64_000, because: "window" });
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

test("pauses that are shorter than the brief time teach nothing, neither way", () => {
  const short: [number, number][] = [];
  for (let second = 40; second < 60; second += 2) short.push([second, 2], [second + 1, 1]);
  expect(kept([...short], 60)).toMatchObject({ count: 2, because: "start" });
  // What was learned before is only forgotten by and by.
  const long: [number, number][] = [
    [0, 2],
    [1, 1],
    [39, 2],
    [39.5, 1],
  ];
  expect(kept([...long, ...short], 60)).toMatchObject({ count: 2, because: "briefly" });
});

test("what was learned long ago yields to what is", () => {
  const steps: [number, number][] = [[0, 2]];
  // A hundred pauses for which keeping pays, then as many as it takes to lose that again.
  for (let pause = 0; pause < 100; pause++) steps.push([10 * pause + 1, 1], [10 * pause + 6, 2]);
  let longPauses = 0;
  for (let second = 1_000; longPauses < 100; longPauses++, second += 30) {
    steps.push([second, 1]);
    if (kept(steps, second).because === "briefly") break;
    steps.push([second + 20, 2]);
  }
  expect(longPauses).toBeLessThan(10);
});

test("a pause gains what keeping through it saves or costs, and a tenth of what was learned is forgotten with each", () => {
  const levels = emptyNeedLevels();
  const pause = (fromSecond: number, seconds: number) => {
    noteLevel(levels, 1, fromSecond * 1_000, TIMES);
    noteLevel(levels, 2, (fromSecond + seconds) * 1_000, TIMES);
    return levels.gainMs[2];
  };
  noteLevel(levels, 2, 0, TIMES);
  // Kept for a start time it costs 5 s; kept briefly 2 s and a start of 10 s.
  expect(pause(10, 5)).toBe(2_000 + 10_000 - 5_000);
  // In vain for 10 s instead of 2 s.
  expect(pause(20, 30)).toBeCloseTo(0.9 * 7_000 - 8_000);
  expect(pause(60, 1)).toBeCloseTo(0.9 * (0.9 * 7_000 - 8_000));
});

test("the buffer is kept as long as the first one, whatever its pauses are", () => {
  const buffered = { ...TIMES, keptForWindow: 3 };
  const steps: [number, number][] = [
    [0, 4],
    [1, 0],
    [31, 4],
    [32, 0],
  ];
  expect(kept(steps, 33, buffered)).toMatchObject({ count: 4, because: "briefly" });
  expect(kept(steps, 40, buffered)).toEqual({ count: 3, keptMs: 60_000, untilMs: 92_000, because: "window" });
});

test("a level that was never needed is not kept", () => {
  expect(kept([], 0).count).toBe(0);
});

test("while times are unknown all are kept for the window", () => {
  const unknown = { windowMs: 60_000, startMs: 60_000, brieflyMs: 60_000, keptForWindow: 1 };
  const steps: [number, number][] = [
    [0, 4],
    [1, 0],
    [500, 4],
    [501, 0],
  ];
  expect(kept(steps, 560, unknown)).toEqual({ count: 4, keptMs: 60_000, untilMs: 561_000, because: "window" });
});
