/** Virtual time: what is planned happens in order of time, equal times in the order of planning. Nobody ever waits. */
import { addAt, type DueTimes, earliest, emptyDueTimes, takeDue } from "../due-times.ts";

export class Clock {
  nowMs = 1_000_000;
  readonly #times: DueTimes<() => void> = emptyDueTimes();

  at(delayMs: number, action: () => void): void {
    addAt(this.#times, this.nowMs + delayMs, action);
  }

  runFor(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let next = earliest(this.#times); next !== null && next <= endMs; next = earliest(this.#times)) {
      this.nowMs = Math.max(this.nowMs, next);
      takeDue(this.#times, this.nowMs)?.();
    }
    this.nowMs = endMs;
  }
}
