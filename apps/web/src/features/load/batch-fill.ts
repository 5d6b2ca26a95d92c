/** How full batches were, as bars to draw: sizes on x up to the largest there may be, several to a bar where there are many. Pure. */
import type { LoadTotal } from "@bellows/protocol/load-views";

export interface BatchBar {
  fromSize: number;
  toSize: number;
  batches: number;
}

export interface BatchFill {
  bars: BatchBar[];
  batches: number;
  meanSize: number;
  /** Of all batches, 0 to 1. */
  fullShare: number;
}

const MOST_BARS = 32;

/** Batches of settings that held before may be larger than is allowed now: they count as full. */
export function batchFill(sizes: LoadTotal["batchSizes"], maxBatchSize: number): BatchFill {
  const perBar = Math.ceil(maxBatchSize / MOST_BARS);
  const bars: BatchBar[] = [];
  for (let from = 1; from <= maxBatchSize; from += perBar) {
    bars.push({ fromSize: from, toSize: Math.min(from + perBar - 1, maxBatchSize), batches: 0 });
  }
  let [batches, inputs, full] = [0, 0, 0];
  for (const [size, count] of sizes) {
    const bar = bars[Math.floor((Math.min(size, maxBatchSize) - 1) / perBar)];
    if (bar) bar.batches += count;
    batches += count;
    inputs += size * count;
    if (size >= maxBatchSize) full += count;
  }
  return {
    bars,
    batches,
    meanSize: batches === 0 ? 0 : inputs / batches,
    fullShare: batches === 0 ? 0 : full / batches,
  };
}
