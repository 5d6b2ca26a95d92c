/** A clock that goes on from where it was when the one it follows is set back; what is set forward is time that has passed. */
export interface SteadyClock {
  /** By how much it is ahead of the other one. */
  aheadMs: number;
  lastMs: number;
}

export function steadyClock(): SteadyClock {
  return { aheadMs: 0, lastMs: Number.NEGATIVE_INFINITY };
}

/** @returns the time of this clock, when the other one says `atMs`. */
export function follow(clock: SteadyClock, atMs: number): number {
  clock.aheadMs = Math.max(clock.aheadMs, clock.lastMs - atMs);
  clock.lastMs = atMs + clock.aheadMs;
  return clock.lastMs;
}
