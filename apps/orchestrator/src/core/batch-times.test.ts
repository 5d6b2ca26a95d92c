import { expect, test } from "vitest";
import { type BatchTimes, batchMs, largestMs, noteBatch } from "./batch-times.ts";

function timesOf(...batches: [size: number, runMs: number][]): BatchTimes {
  const times: BatchTimes = [];
  for (const [size, runMs] of batches) noteBatch(times, size, runMs);
  return times;
}

test("nothing is known before the first, nor of sizes that have not run", () => {
  expect(largestMs([])).toBeNull();
  expect(batchMs([], 1)).toBeNull();
  expect(batchMs(timesOf([8, 100]), 2)).toBeNull();
});

test("small sizes are told apart, large ones by a fifth", () => {
  const times = timesOf([1, 10], [2, 20], [3, 30], [4, 40], [100, 500], [99, 490]);
  expect([1, 2, 3, 4].map((size) => batchMs(times, size))).toEqual([10, 20, 30, 40]);
  expect(batchMs(times, 98)).toBe(495);
  expect(batchMs(times, 80)).toBeNull();
});

test("what a large one takes is remembered while small ones run", () => {
  const times = timesOf([1, 50], [32, 84]);
  for (let run = 0; run < 1_000; run++) noteBatch(times, 7, 34);
  expect(largestMs(times)).toBe(84);
});

test("a large one that was slow by chance counts in proportion to smaller ones", () => {
  expect(largestMs(timesOf([2, 20], [4, 9_000]))).toBe(40);
});

test("the first fifty count alike, later ones a fiftieth each", () => {
  const times = timesOf([4, 100], [4, 300]);
  expect(batchMs(times, 4)).toBe(200);
  for (let run = 2; run < 1_000; run++) noteBatch(times, 4, 200);
  noteBatch(times, 4, 10_200);
  expect(batchMs(times, 4)).toBeCloseTo(400);
});
