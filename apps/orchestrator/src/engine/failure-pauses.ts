/** How long after its failure an engine is made again: twice as long each time, unless it has worked for a while. */

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** An engine that has worked for so long begins anew. */
const FORGOTTEN_MS = 2 * LONGEST_PAUSE_MS;

export class FailurePauses {
  /** The latest failure of each function's engine, the oldest first; those that count no more go at the next one. */
  readonly #failures = new Map<string, { atMs: number; pauseMs: number }>();

  /** The pause after a failure at this time. */
  next(functionId: string, atMs: number): number {
    this.#forgetBefore(atMs - FORGOTTEN_MS);
    const last = this.#failures.get(functionId);
    const pauseMs = last ? Math.min(LONGEST_PAUSE_MS, 2 * last.pauseMs) : FIRST_PAUSE_MS;
    // Last in the order, too.
    this.#failures.delete(functionId);
    this.#failures.set(functionId, { atMs, pauseMs });
    return pauseMs;
  }

  /** How many functions' failures still count. */
  get size(): number {
    return this.#failures.size;
  }

  #forgetBefore(atMs: number): void {
    for (const [functionId, failure] of this.#failures) {
      if (failure.atMs > atMs) return;
      this.#failures.delete(functionId);
    }
  }
}
