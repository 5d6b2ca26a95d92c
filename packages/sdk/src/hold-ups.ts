/**
 * When calls that a limit holds up go on. The time they are told is an estimate: they go on earlier when an output shows
 * that there is room, and never wait for longer than a second before they ask again.
 */
import type { LinkCall } from "./link-call.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 1_000;
/** From an output until the call goes on: what ends within it makes room for one chunk together. */
const ROOM_WAIT_MS = 20;

interface HoldUp {
  timer: NodeJS.Timeout;
  dueAtMs: number;
}

export class HoldUps {
  readonly #goOn: (entry: LinkCall) => void;
  readonly #waiting = new Map<LinkCall, HoldUp>();
  /** How often each was told to wait since something of it was taken, and from which input on. */
  readonly #told = new Map<LinkCall, { fromIndex: number | null; times: number }>();

  constructor(goOn: (entry: LinkCall) => void) {
    this.#goOn = goOn;
  }

  /** The call was told to wait: its inputs from `fromIndex` on were not taken, or, when it is null, it was not opened. */
  hold(entry: LinkCall, fromIndex: number | null, retryAfterMs: number): void {
    const before = this.#told.get(entry);
    const times = before?.fromIndex === fromIndex ? before.times + 1 : 0;
    this.#told.set(entry, { fromIndex, times });
    if (this.#waiting.has(entry)) return;
    this.#wait(entry, Math.min(retryAfterMs, FIRST_WAIT_MS * 2 ** times, LONGEST_WAIT_MS));
  }

  /** An input of the call has ended. */
  room(entry: LinkCall): void {
    const held = this.#waiting.get(entry);
    if (!held || held.dueAtMs - performance.now() <= ROOM_WAIT_MS) return;
    clearTimeout(held.timer);
    this.#wait(entry, ROOM_WAIT_MS);
  }

  forget(entry: LinkCall): void {
    clearTimeout(this.#waiting.get(entry)?.timer);
    this.#waiting.delete(entry);
    this.#told.delete(entry);
  }

  clear(): void {
    for (const entry of [...this.#told.keys()]) this.forget(entry);
  }

  #wait(entry: LinkCall, ms: number): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(entry);
      this.#goOn(entry);
    }, ms);
    this.#waiting.set(entry, { timer, dueAtMs: performance.now() + ms });
  }
}
