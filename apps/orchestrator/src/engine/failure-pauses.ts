/** How long after its failure an engine is made again: twice as long each time, unless it has worked for a while. */

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export class FailurePauses {
  /** The latest failure of each function's engine. */
  readonly #failures = new Map<string, { atMs: number; pauseMs: number }>();

  /** The pause after a failure at this time. */
  next(functionId: string, atMs: number): number {
    const last = this.#failures.get(functionId);
    const again = last && atMs - last.atMs < 2 * LONGEST_PAUSE_MS;
    const pauseMs = again ? Math.min(LONGEST_PAUSE_MS, 2 * last.pauseMs) : FIRST_PAUSE_MS;
    this.#failures.set(functionId, { atMs, pauseMs });
    return pauseMs;
  }
}
