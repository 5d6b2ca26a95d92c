/**
 * Log lines on their way to the orchestrator. Bounded in number and in rate, so that a function that prints in a loop
 * costs neither the agent's memory nor everybody's log storage; what was dropped is counted and said.
 */
import type { LogItem } from "@bellows/protocol/frame-parts";

const MAX_PENDING_LINES = 10_000;
const MAX_PENDING_CHARS = 8 * 1024 * 1024;
const LINES_PER_SECOND = 5_000;
const BURST_LINES = 20_000;
const FRAME_LINES = 1_000;

export class LogBuffer {
  #lines: LogItem[] = [];
  #chars = 0;
  #dropped = 0;
  #allowance = BURST_LINES;
  #refilledAtMs = 0;

  add(line: LogItem, nowMs: number): void {
    this.#refill(nowMs);
    const length = line[4].length;
    if (this.#allowance < 1 || this.#lines.length >= MAX_PENDING_LINES || this.#chars + length > MAX_PENDING_CHARS) {
      this.#dropped += 1;
      return;
    }
    this.#allowance -= 1;
    if (this.#dropped > 0) this.#sayDropped(nowMs);
    this.#lines.push(line);
    this.#chars += length;
  }

  /** The next lines to send, oldest first; what is left comes with the next call. */
  take(nowMs: number): LogItem[] {
    this.#refill(nowMs);
    if (this.#dropped > 0 && this.#lines.length === 0 && this.#allowance >= 1) this.#sayDropped(nowMs);
    if (this.#lines.length === 0) return [];
    const taken = this.#lines.splice(0, FRAME_LINES);
    for (const line of taken) this.#chars -= line[4].length;
    return taken;
  }

  #sayDropped(nowMs: number): void {
    const text = `${this.#dropped.toLocaleString("en")} log lines were dropped: more than ${LINES_PER_SECOND.toLocaleString("en")} a second`;
    this.#lines.push([nowMs, "system", null, null, text]);
    this.#chars += text.length;
    this.#dropped = 0;
  }

  #refill(nowMs: number): void {
    if (this.#refilledAtMs > 0) {
      const earned = ((nowMs - this.#refilledAtMs) * LINES_PER_SECOND) / 1_000;
      this.#allowance = Math.min(BURST_LINES, this.#allowance + Math.max(0, earned));
    }
    this.#refilledAtMs = nowMs;
  }
}
