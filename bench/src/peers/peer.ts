/** What every queue beside Bellows is asked for. It adds and works in this one process. */
export interface Peer {
  /** Jobs stored per second; afterwards they wait. */
  intake(jobs: number): Promise<number>;
  /** Jobs done per second, of those that wait. */
  drain(jobs: number): Promise<number>;
  /** One job at a time, in milliseconds each, from its adding to its start, or to its result where there are results. */
  latencies(count: number): Promise<number[]>;
  stop(): Promise<void>;
}

export function perSecond(count: number, startedAt: number): number {
  return count / ((performance.now() - startedAt) / 1_000);
}

/** Counts calls, so that the last of `count` can be waited for. */
export function countdown(count: number): { one: () => void; done: Promise<void> } {
  let left = count;
  let resolveDone = (): void => {};
  const done = new Promise<void>((resolve) => {
    resolveDone = resolve;
  });
  return {
    one() {
      left -= 1;
      if (left === 0) resolveDone();
    },
    done,
  };
}

/** In pieces of at most `size`: how many, and the number of the first. */
export function* pieces(total: number, size: number): Iterable<{ from: number; count: number }> {
  for (let from = 0; from < total; from += size) yield { from, count: Math.min(size, total - from) };
}
