/**
 * Which attempts this container holds, and which of them have begun. Nobody reports a beginning: the worker begins
 * inputs in the order in which they were sent, as many at a time as it has slots, and writes every end before the next
 * beginning, so the order alone tells, even while user code blocks the worker's event loop. Pure: time is passed in.
 */
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { LIMITS } from "@bellows/protocol/limits";

/** An attempt at an input of a call: what an input and an output of it start with. */
type AttemptItem = readonly [index: number, attempt: number, ...unknown[]];

interface Held {
  readonly ref: AttemptRef;
  stage: "waiting" | "begun" | "gone";
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

/** Entries of the queue that have had their turn, before they are cut off. */
const PASSED_KEPT = 1_024;

export class Attempts {
  readonly #timeoutMs: number;
  /** By call, then by `keyOf`. */
  readonly #held = new Map<string, Map<number, Held>>();
  readonly #begun = new Set<Held>();
  /** In order of arrival; those before `#head` have begun, and those that are gone are passed over. */
  #queue: Held[] = [];
  #head = 0;
  #waitingCount = 0;
  #unreported: Held[] = [];
  #slots = 0;

  constructor(options: { timeoutMs: number }) {
    this.#timeoutMs = options.timeoutMs;
  }

  get size(): number {
    return this.#begun.size + this.#waitingCount;
  }

  /** Everything held, begun ones first. */
  refs(): AttemptRef[] {
    return [...Array.from(this.#begun, ({ ref }) => ref), ...this.waiting()];
  }

  waiting(): AttemptRef[] {
    const waiting: AttemptRef[] = [];
    for (const { stage, ref } of this.#queue) if (stage === "waiting") waiting.push(ref);
    return waiting;
  }

  hasBegun(): boolean {
    return this.#begun.size > 0;
  }

  holds(callId: string, item: AttemptItem): boolean {
    return this.#find(callId, item) !== undefined;
  }

  /** A loaded worker takes inputs: as many as there are slots begin. */
  open(slots: number, nowMs: number): void {
    this.#slots = slots;
    this.#promote(nowMs);
  }

  /** An input was handed to the worker (or will be, once it is loaded). False when it is held already. */
  add(callId: string, item: AttemptItem, nowMs: number): boolean {
    const [index, attempt] = item;
    const ofCall = this.#held.get(callId) ?? new Map<number, Held>();
    const key = keyOf(item);
    if (ofCall.has(key)) return false;
    const held: Held = {
      ref: [callId, index, attempt],
      stage: "waiting",
      begunAtMs: 0,
      deadlineMs: 0,
      cancelled: false,
      reported: false,
    };
    if (ofCall.size === 0) this.#held.set(callId, ofCall);
    ofCall.set(key, held);
    this.#queue.push(held);
    this.#waitingCount += 1;
    this.#promote(nowMs);
    return true;
  }

  /** The worker ended it or gave it back. False when it was not held: it was answered for already. */
  remove(callId: string, item: AttemptItem, nowMs: number): boolean {
    const ofCall = this.#held.get(callId);
    const key = keyOf(item);
    const held = ofCall?.get(key);
    if (!held) return false;
    ofCall?.delete(key);
    if (ofCall?.size === 0) this.#held.delete(callId);
    if (held.stage === "waiting") this.#waitingCount -= 1;
    else this.#begun.delete(held);
    held.stage = "gone";
    this.#promote(nowMs);
    return true;
  }

  /** From now on a begun attempt among these has `graceMs` to end. */
  cancel(refs: readonly AttemptRef[], graceMs: number, nowMs: number): void {
    for (const [callId, ...item] of refs) {
      const held = this.#find(callId, item);
      if (held?.stage !== "begun" || held.cancelled) continue;
      held.cancelled = true;
      held.deadlineMs = Math.min(held.deadlineMs, nowMs + graceMs);
    }
  }

  /** The next time at which a begun attempt is overdue. */
  nextDeadlineMs(): number | null {
    let next: number | null = null;
    for (const { deadlineMs } of this.#begun) next = next === null ? deadlineMs : Math.min(next, deadlineMs);
    return next;
  }

  /** Whether what is overdue now was cancelled, and nothing else is overdue. */
  isOverdueByCancel(nowMs: number): boolean {
    const overdue = [...this.#begun].filter(({ deadlineMs }) => deadlineMs <= nowMs);
    return overdue.length > 0 && overdue.every(({ cancelled }) => cancelled);
  }

  /** Begun attempts not reported yet. What has ended since is left out: its output says enough. */
  takeStarted(): AttemptRef[] {
    if (this.#unreported.length === 0) return [];
    const started: AttemptRef[] = [];
    for (const held of this.#unreported) {
      if (held.stage !== "begun" || held.reported) continue;
      held.reported = true;
      started.push(held.ref);
    }
    this.#unreported = [];
    return started;
  }

  /** The link is new: whoever listens now has not heard what has begun. */
  reportAgain(): void {
    this.#unreported = [...this.#begun];
    for (const held of this.#unreported) held.reported = false;
  }

  /** The worker has died, of old age for those overdue at `endedAtMs`. Nothing is held afterwards, nothing begins. */
  workerEnded(endedAtMs: number): DeadWorkerAttempts {
    const ended: DeadWorkerAttempts = { timedOut: [], cancelled: [], lost: [], returned: this.waiting() };
    for (const { ref, begunAtMs, deadlineMs, cancelled } of this.#begun) {
      if (deadlineMs > endedAtMs) ended.lost.push(ref);
      else if (cancelled) ended.cancelled.push({ ref, begunAtMs });
      else ended.timedOut.push({ ref, begunAtMs });
    }
    this.#held.clear();
    this.#begun.clear();
    this.#clearQueue();
    this.#waitingCount = 0;
    this.#unreported = [];
    this.#slots = 0;
    return ended;
  }

  #promote(nowMs: number): void {
    while (this.#waitingCount > 0 && this.#begun.size < this.#slots) {
      const held = this.#queue[this.#head++];
      if (held?.stage !== "waiting") continue;
      held.stage = "begun";
      held.begunAtMs = nowMs;
      held.deadlineMs = nowMs + this.#timeoutMs;
      this.#waitingCount -= 1;
      this.#begun.add(held);
      this.#unreported.push(held);
    }
    if (this.#waitingCount === 0) this.#clearQueue();
    else if (this.#head > PASSED_KEPT && this.#head * 2 > this.#queue.length) this.#dropPassed();
  }

  #clearQueue(): void {
    if (this.#queue.length > 0) this.#queue = [];
    this.#head = 0;
  }

  #dropPassed(): void {
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }

  #find(callId: string, item: AttemptItem): Held | undefined {
    return this.#held.get(callId)?.get(keyOf(item));
  }
}

/** Unique within a call, and a small integer for V8: measured, keys of text took a tenth of the agent's time. */
function keyOf([index, attempt]: AttemptItem): number {
  return attempt * LIMITS.inputsPerCall + index;
}
