/**
 * What batches take, by their size. More containers have smaller batches, which take less: whoever counts by those that run
 * now finds that fewer containers would do, has larger ones then, and finds that more are needed, for ever.
 */

/** By size, in steps of a fifth: each size up to six of its own, then several together; nothing where none has run. */
export type BatchTimes = (BatchTime | undefined)[];

interface BatchTime {
  meanMs: number;
  meanSize: number;
  count: number;
}

/** The plain mean of so many; from then on each moves it by one part of as many. */
const IN_MEAN = 50;

export function noteBatch(times: BatchTimes, size: number, runMs: number): void {
  const { meanMs, meanSize, count } = times[stepOf(size)] ?? { meanMs: 0, meanSize: 0, count: 0 };
  const share = 1 / Math.min(count + 1, IN_MEAN);
  times[stepOf(size)] = {
    meanMs: meanMs + share * (runMs - meanMs),
    meanSize: meanSize + share * (size - meanSize),
    count: count + 1,
  };
}

/** Milliseconds that one of about this size takes; null where none has run. */
export function batchMs(times: BatchTimes, size: number): number | null {
  return times[stepOf(size)]?.meanMs ?? null;
}

/**
 * Milliseconds that one as large as the largest that have run takes; null before the first. Few may have been that large, and
 * one of them slow by chance: twice as many inputs are taken to need no more than twice the time.
 */
export function largestMs(times: BatchTimes): number | null {
  const largest = times.at(-1);
  if (!largest) return null;
  const inProportion = times.flatMap((time) => (time ? [(largest.meanSize / time.meanSize) * time.meanMs] : []));
  return Math.min(...inProportion);
}

function stepOf(size: number): number {
  return Math.ceil(4 * Math.log2(size));
}
