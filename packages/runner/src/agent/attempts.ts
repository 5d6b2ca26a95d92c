/**
 * Which attempts this container holds, and which of them have begun. Nobody reports a beginning: the worker begins
 * inputs in the order in which they were sent, as many at a time as it has slots, and writes every end before the next
 * beginning, so the order alone tells, even while user code blocks the worker's event loop. Pure: time is passed in.
 */
import type { AttemptRef } from "@bellows/protocol/frame-parts";

/** Anything that starts like an attempt: a reference, an input, an output. */
type AttemptLike = readonly [callId: string, index: number, attempt: number, ...unknown[]];

interface Begun {
  key: string;
  ref: AttemptRef;
  begunAtMs: number;
  /** When its time is up: its timeout, or earlier the end of the grace after a cancel. */
  deadlineMs: number;
  cancelled: boolean;
  reported: boolean;
}

export interface EndedAttempt {
  ref: AttemptRef;
  begunAtMs: number;
}

/** What becomes of the held attempts when the worker has died. */
export interface DeadWorkerAttempts {
  timedOut: EndedAttempt[];
  /** Cancelled, and still running when their grace was over. */
  cancelled: EndedAttempt[];
  lost: AttemptRef[];
  returned: AttemptRef[];
}

export class Attempts {
  readonly #timeoutMs: number;
  readonly #begun = new Map<string, Begun>();
  readonly #waiting = new Map<string, AttemptRef>();
  #unreported: Begun[] = [];
  #slots = 0;

  constructor(options: { timeoutMs: number }) {
    this.#timeoutMs = options.timeoutMs;
  }

  get size(): number {
    return this.#begun.size + this.#waiting.size;
  }

  /** Everything held, begun ones first. */
  refs(): AttemptRef[] {
    return [...Array.from(this.#begun.values(), ({ ref }) => ref), ...this.#waiting.values()];
  }

  waiting(): AttemptRef[] {
    return [...this.#waiting.values()];
  }

  hasBegun(): boolean {
    return this.#begun.size > 0;
  }

  holds(ref: AttemptLike): boolean {
    const key = keyOf(ref);
    return this.#begun.has(key) || this.#waiting.has(key);
  }

  /** A loaded worker takes inputs: as many as there are slots begin. */
  open(slots: number, nowMs: number): void {
    this.#slots = slots;
    this.#promote(nowMs);
  }

  /** An input was handed to the worker (or will be, once it is loaded). False when it is held already. */
  add(input: AttemptLike, nowMs: number): boolean {
    const key = keyOf(input);
    if (this.#begun.has(key) || this.#waiting.has(key)) return false;
    this.#waiting.set(key, [input[0], input[1], input[2]]);
    if (this.#begun.size < this.#slots) this.#promote(nowMs);
    return true;
  }

  /** The worker ended it or gave it back. False when it was not held: it was answered for already. */
  remove(ref: AttemptLike, nowMs: number): boolean {
    const key = keyOf(ref);
    if (this.#waiting.delete(key)) return true;
    if (!this.#begun.delete(key)) return false;
    this.#promote(nowMs);
    return true;
  }

  /** From now on a begun attempt among these has `graceMs` to end. */
  cancel(refs: readonly AttemptRef[], graceMs: number, nowMs: number): void {
    for (const ref of refs) {
      const begun = this.#begun.get(keyOf(ref));
      if (!begun || begun.cancelled) continue;
      begun.cancelled = true;
      begun.deadlineMs = Math.min(begun.deadlineMs, nowMs + graceMs);
    }
  }

  /** The next time at which a begun attempt is overdue. */
  nextDeadlineMs(): number | null {
    let next: number | null = null;
    for (const { deadlineMs } of this.#begun.values()) next = next === null ? deadlineMs : Math.min(next, deadlineMs);
    return next;
  }

  /** Whether what is overdue now was cancelled, and nothing else is overdue. */
  isOverdueByCancel(nowMs: number): boolean {
    const overdue = [...this.#begun.values()].filter(({ deadlineMs }) => deadlineMs <= nowMs);
    return overdue.length > 0 && overdue.every(({ cancelled }) => cancelled);
  }

  /** Begun attempts not reported yet. What has ended since is left out: its output says enough. */
  takeStarted(): AttemptRef[] {
    if (this.#unreported.length === 0) return [];
    const started: AttemptRef[] = [];
    for (const begun of this.#unreported) {
      if (this.#begun.get(begun.key) !== begun || begun.reported) continue;
      begun.reported = true;
      started.push(begun.ref);
    }
    this.#unreported = [];
    return started;
  }

  /** The link is new: whoever listens now has not heard what has begun. */
  reportAgain(): void {
    this.#unreported = [...this.#begun.values()];
    for (const begun of this.#unreported) begun.reported = false;
  }

  /** The worker has died, of old age for those overdue at `endedAtMs`. Nothing is held afterwards, nothing begins. */
  workerEnded(endedAtMs: number): DeadWorkerAttempts {
    const ended: DeadWorkerAttempts = { timedOut: [], cancelled: [], lost: [], returned: this.waiting() };
    for (const { ref, begunAtMs, deadlineMs, cancelled } of this.#begun.values()) {
      if (deadlineMs > endedAtMs) ended.lost.push(ref);
      else if (cancelled) ended.cancelled.push({ ref, begunAtMs });
      else ended.timedOut.push({ ref, begunAtMs });
    }
    this.#begun.clear();
    this.#waiting.clear();
    this.#unreported = [];
    this.#slots = 0;
    return ended;
  }

  #promote(nowMs: number): void {
    for (const [key, ref] of this.#waiting) {
      if (this.#begun.size >= this.#slots) return;
      this.#waiting.delete(key);
      const begun: Begun = {
        key,
        ref,
        begunAtMs: nowMs,
        deadlineMs: nowMs + this.#timeoutMs,
        cancelled: false,
        reported: false,
      };
      this.#begun.set(key, begun);
      this.#unreported.push(begun);
    }
  }
}

function keyOf([callId, index, attempt]: AttemptLike): string {
  return `${callId}:${index}:${attempt}`;
}
