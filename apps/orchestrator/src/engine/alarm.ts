/**
 * Rings once, at a time of the clock or after it, never before: a timer may fire a millisecond early by another clock, and
 * whoever was told to come back at a time does not ask for it again. The last time asked for counts.
 */

/** The longest that a timer of Node waits; a longer one fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

export class Alarm {
  readonly #now: () => number;
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds. */
  constructor(now: () => number, ring: () => void) {
    this.#now = now;
    this.#ring = ring;
  }

  at(atMs: number): void {
    clearTimeout(this.#timer);
    const leftMs = Math.min(LONGEST_MS, Math.max(0, Math.ceil(atMs - this.#now())));
    this.#timer = setTimeout(() => (this.#now() < atMs ? this.at(atMs) : this.#ring()), leftMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
