import { expect, test } from "vitest";
import { HighestOf } from "./highest-of.ts";
import { LevelHistory } from "./level-history.ts";

test("a mean counts each level for as long as it held, from the first note on", () => {
  const history = new LevelHistory(60_000);
  history.note(10_000, 4);
  history.note(20_000, 8);
  expect(history.mean(0, 30_000)).toBe(6);
  expect(history.mean(15_000, 30_000)).toBeCloseTo((4 * 5 + 8 * 10) / 15);
  expect(history.mean(25_000, 30_000)).toBe(8);
});

test("what is older than it is kept does not change the mean of what is not", () => {
  const history = new LevelHistory(1_000);
  for (let atMs = 0; atMs <= 100_000; atMs += 10) history.note(atMs, (atMs / 10) % 2);
  expect(history.mean(99_000, 100_000)).toBeCloseTo(0.5);
});

test("the highest of a span is forgotten after it", () => {
  const highest = new HighestOf(1_000);
  expect([highest.note(0, 5), highest.note(500, 2), highest.note(1_000, 1), highest.note(1_400, 1)]).toEqual([
    5, 5, 5, 2,
  ]);
});
