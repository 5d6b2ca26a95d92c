import { expect, test } from "vitest";
import type { Sample } from "./progress.ts";
import { ratePerSecond, remainingMs, withSample } from "./progress.ts";

function sampled(count: number, everyMs: number, perSample: number): readonly Sample[] {
  let samples: readonly Sample[] = [];
  for (let at = 0; at < count; at += 1) samples = withSample(samples, { atMs: at * everyMs, done: at * perSample });
  return samples;
}

test("nothing is said of the rate before there are two samples", () => {
  expect(ratePerSecond([])).toBeNull();
  expect(ratePerSecond(sampled(1, 1_000, 5))).toBeNull();
  expect(ratePerSecond(sampled(2, 1_000, 5))).toBe(5);
});

test("the rate is that of the last fifteen seconds, and the samples do not grow without end", () => {
  const slow = sampled(60, 1_000, 10);
  expect(slow.length).toBeLessThanOrEqual(17);
  let fast = slow;
  for (let second = 1; second <= 20; second += 1) {
    fast = withSample(fast, { atMs: (59 + second) * 1_000, done: 590 + second * 1_000 });
  }
  expect(ratePerSecond(fast)).toBe(1_000);
});

test("samples that come at once count as one", () => {
  expect(withSample([{ atMs: 0, done: 0 }], { atMs: 10, done: 500 })).toEqual([{ atMs: 0, done: 0 }]);
});

test("a call that is retried is measured anew", () => {
  expect(withSample([{ atMs: 0, done: 100 }], { atMs: 2_000, done: 40 })).toEqual([{ atMs: 2_000, done: 40 }]);
});

test("what remains is said only when the end is known and something moves", () => {
  expect(remainingMs({ done: 250, total: 1_000, open: false }, 250)).toBe(3_000);
  expect(remainingMs({ done: 250, total: 1_000, open: true }, 250)).toBeNull();
  expect(remainingMs({ done: 250, total: 1_000, open: false }, 0)).toBeNull();
  expect(remainingMs({ done: 250, total: 1_000, open: false }, null)).toBeNull();
});
