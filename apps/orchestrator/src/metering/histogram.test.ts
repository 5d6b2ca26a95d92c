import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addHistograms,
  BUCKET_COUNT,
  bucketFloorMs,
  bucketOf,
  countOf,
  histogramOf,
  quantileOf,
  quantilesOf,
} from "./histogram.ts";

function counted(values: readonly number[]) {
  const counts = new Uint32Array(BUCKET_COUNT);
  for (const ms of values) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
  return histogramOf(counts);
}

test("every duration lies in its bucket, no bucket is wider than a quarter of where it begins, and none is left out", () => {
  for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
    const [floor, next] = [bucketFloorMs(bucket), bucketFloorMs(bucket + 1)];
    expect(bucketOf(floor)).toBe(bucket);
    expect(bucketOf(next - 1)).toBe(bucket);
    expect(next - floor).toBeLessThanOrEqual(Math.max(1, floor / 4));
  }
});

test("what cannot be is counted as what is nearest to it", () => {
  expect(bucketOf(-5)).toBe(0);
  expect(bucketOf(0.7)).toBe(0);
  expect(bucketOf(1e12)).toBe(BUCKET_COUNT - 1);
  expect(bucketOf(Number.POSITIVE_INFINITY)).toBe(BUCKET_COUNT - 1);
});

test("a quantile is within the width of a bucket of the true one, whatever is counted", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.9, 0.99, 1),
      (values, part) => {
        const sorted = values.toSorted((a, b) => a - b);
        const trueMs = sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
        const foundMs = quantileOf(counted(values), part) ?? Number.NaN;
        expect(Math.abs(foundMs - trueMs)).toBeLessThanOrEqual(Math.max(1, trueMs / 4));
      },
    ),
  );
});

test("histograms of parts add up to that of the whole, and nothing has no quantiles", () => {
  const [some, others] = [
    [3, 900, 900],
    [5, 40_000],
  ];
  const added = addHistograms([counted(some), [], counted(others)]);
  expect(added).toEqual(counted([...some, ...others]));
  expect(countOf(added)).toBe(5);
  expect(quantilesOf([])).toEqual({ p50: null, p90: null, p99: null });
});
