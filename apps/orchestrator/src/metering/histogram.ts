/**
 * Durations counted in buckets that grow with them: HdrHistogram's scheme (Gil Tene) with two bits of precision. Below
 * 4 ms a bucket is 1 ms wide; above, each octave has four of equal width, so a bucket is at most a quarter as wide as
 * its lower bound. Counting is three integer operations; histograms of the same scheme add up exactly.
 */
import type { Quantiles } from "@bellows/protocol/load-views";

const SUB_BUCKETS = 4;
const SUB_BITS = 2;
const LONGEST_MS = 2 ** 31 - 1;
export const BUCKET_COUNT = bucketOf(LONGEST_MS) + 1;

/** Counts by the upper bound (not included, in milliseconds) of their bucket, lowest first; empty buckets are left out. */
export type Histogram = (readonly [belowMs: number, count: number])[];

/** The bucket of a duration, which is at least 0; what is longer than 24 days counts as that. */
export function bucketOf(ms: number): number {
  const whole = ms < LONGEST_MS ? ms | 0 : LONGEST_MS;
  if (whole < SUB_BUCKETS) return Math.max(0, whole);
  const octave = 31 - Math.clz32(whole);
  return (octave - SUB_BITS + 1) * SUB_BUCKETS + ((whole >> (octave - SUB_BITS)) & (SUB_BUCKETS - 1));
}

/** Where a bucket begins, in milliseconds; the next one begins where it ends. */
export function bucketFloorMs(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const octave = Math.floor(bucket / SUB_BUCKETS) + SUB_BITS - 1;
  return (SUB_BUCKETS + (bucket % SUB_BUCKETS)) * 2 ** (octave - SUB_BITS);
}

export function histogramOf(counts: Uint32Array): Histogram {
  const histogram: Histogram = [];
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket] ?? 0;
    if (count > 0) histogram.push([bucketFloorMs(bucket + 1), count]);
  }
  return histogram;
}

export function addHistograms(histograms: Iterable<Histogram>): Histogram {
  const counts = new Map<number, number>();
  for (const histogram of histograms) {
    for (const [belowMs, count] of histogram) counts.set(belowMs, (counts.get(belowMs) ?? 0) + count);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0);
}

/**
 * The duration below which so large a part (0 to 1) of the counts lies, in milliseconds; within a bucket they are taken
 * to lie evenly. Null when there are none.
 */
export function quantileOf(histogram: Histogram, part: number): number | null {
  const rank = part * countOf(histogram);
  let below = 0;
  for (const [belowMs, count] of histogram) {
    if (below + count >= rank) {
      const floorMs = bucketFloorMs(bucketOf(belowMs - 1));
      return floorMs + ((belowMs - floorMs) * (rank - below)) / count;
    }
    below += count;
  }
  return null;
}

export function quantilesOf(histogram: Histogram): Quantiles {
  return { p50: quantileOf(histogram, 0.5), p90: quantileOf(histogram, 0.9), p99: quantileOf(histogram, 0.99) };
}
