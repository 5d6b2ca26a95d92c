/**
 * Which attempts this container holds, and which of them have begun. Nobody reports a beginning: the worker begins
 * inputs in the order in which they were sent, as many at a time as it has slots, and writes every end before the next
 * beginning, so the order alone tells, even while user code blocks the worker's event loop. The inputs of a batch share
 * one slot, from the beginning of all to the end of the last. Pure: time is passed in.
 */
import { type AttemptRef, filterOfCall, type OfCall } from "@bellows/protocol/frame-parts";
import { LIMITS } from "@bellows/protocol/limits";

/** An attempt at an input of a call: what an input and an output of it start with. */
type AttemptItem = readonly [index: number, attempt: number, ...unknown[]];

/** What takes a slot: one input, or the inputs of a batch, which begin together and share their deadline. */
interface Unit {
  /** How many of them the worker has not ended. */
  left: number;
  /** How many of those nobody has cancelled. */
  wanted: number;
  begunAtMs: number;
  /** When its time is up: its timeout, or earlier the end of the grace after a cancel of all that is left. */
  deadlineMs: number;
}

interface Held {
  readonly ref: AttemptRef;
  readonly unit: Unit;
  stage: "waiting" | "begun" | "gone";
  cancelled: boolean;
  /** Its end is told, though the worker still has it among others. */
  answered: boolean;
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
  readonly #graceMs: number;
  /** By call, then by `keyOf`. */
  readonly #held = new Map<string, Map<number, Held>>();
  readonly #begun = new Set<Unit>();
  /** In order of arrival; those before `#head` have begun, and those that are gone are passed over. */
  #queue: Held[] = [];
  #head = 0;
  #waitingCount = 0;
  #begunCount = 0;
  #unreported: Held[] = [];
  #slots = 0;

  /** `graceMs`: how long what is cancelled has to end. */
  constructor({ timeoutMs, graceMs }: { timeoutMs: number; graceMs: number }) {
    this.#timeoutMs = timeoutMs;
    this.#graceMs = graceMs;
  }

  get size(): number {
    return this.#begunCount + this.#waitingCount;
  }

  /** Everything held, begun ones first. */
  refs(): AttemptRef[] {
    return [...this.#running().map(({ ref }) => ref), ...this.waiting()];
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
    return this.#find(callId, item)?.answered === false;
  }

  /** A loaded worker takes inputs: as many as there are slots begin. */
  open(slots: number, nowMs: number): void {
    this.#slots = slots;
    this.#promote(nowMs);
  }

  /** An input was handed to the worker (or will be, once it is loaded). False when it is held already. */
  add(callId: string, item: AttemptItem, nowMs: number): boolean {
    const isNew = this.#enqueue(callId, item, newUnit());
    if (isNew) this.#promote(nowMs);
    return isNew;
  }

  /** The inputs of a batch, in its order; those that are held already are left out of it, and of what is returned. */
  addBatch<Item extends AttemptItem>(groups: readonly OfCall<Item>[], nowMs: number): OfCall<Item>[] {
    const unit = newUnit();
    const added = filterOfCall(groups, (callId, item) => this.#enqueue(callId, item, unit));
    this.#promote(nowMs);
    return added;
  }

  /** The worker ended it or gave it back. False when it was not held: it was answered for already. */
  remove(callId: string, item: AttemptItem, nowMs: number): boolean {
    const ofCall = this.#held.get(callId);
    const key = keyOf(item);
    const held = ofCall?.get(key);
    if (!held) return false;
    ofCall?.delete(key);
    if (ofCall?.size === 0) this.#held.delete(callId);
    const { unit } = held;
    if (held.stage === "waiting") this.#waitingCount -= 1;
    else this.#begunCount -= 1;
    held.stage = "gone";
    unit.left -= 1;
    if (!held.cancelled) unit.wanted -= 1;
    if (unit.left === 0) this.#begun.delete(unit);
    else if (unit.wanted === 0) this.#hurry(unit, nowMs);
    this.#promote(nowMs);
    return !held.answered;
  }

  /**
   * Cancels the begun attempts among these. Of a batch in which others are wanted they end at once, and are returned:
   * their results will be dropped. Otherwise what is left of it has the grace to end.
   */
  cancel(refs: readonly AttemptRef[], nowMs: number): EndedAttempt[] {
    const cancelled: Held[] = [];
    for (const [callId, ...item] of refs) {
      const held = this.#find(callId, item);
      if (held?.stage !== "begun" || held.cancelled) continue;
      held.cancelled = true;
      held.unit.wanted -= 1;
      cancelled.push(held);
    }
    const ended: EndedAttempt[] = [];
    for (const held of cancelled) {
      const { ref, unit } = held;
      if (unit.wanted === 0) this.#hurry(unit, nowMs);
      else {
        held.answered = true;
        ended.push({ ref, begunAtMs: unit.begunAtMs });
      }
    }
    return ended;
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
    return overdue.length > 0 && overdue.every(({ wanted }) => wanted === 0);
  }

  /** Begun attempts not reported yet. What has ended since is left out: its output says enough. */
  takeStarted(): AttemptRef[] {
    if (this.#unreported.length === 0) return [];
    const started: AttemptRef[] = [];
    for (const held of this.#unreported) {
      if (held.stage !== "begun" || held.reported || held.answered) continue;
      held.reported = true;
      started.push(held.ref);
    }
    this.#unreported = [];
    return started;
  }

  /** The link is new: whoever listens now has not heard what has begun. */
  reportAgain(): void {
    this.#unreported = this.#running();
    for (const held of this.#unreported) held.reported = false;
  }

  /** The worker has died, of old age for those overdue at `endedAtMs`. Nothing is held afterwards, nothing begins. */
  workerEnded(endedAtMs: number): DeadWorkerAttempts {
    const ended: DeadWorkerAttempts = { timedOut: [], cancelled: [], lost: [], returned: this.waiting() };
    for (const { ref, unit, cancelled } of this.#running()) {
      const { begunAtMs, deadlineMs } = unit;
      if (deadlineMs > endedAtMs) ended.lost.push(ref);
      else if (cancelled) ended.cancelled.push({ ref, begunAtMs });
      else ended.timedOut.push({ ref, begunAtMs });
    }
    this.#held.clear();
    this.#begun.clear();
    this.#begunCount = 0;
    this.#clearQueue();
    this.#waitingCount = 0;
    this.#unreported = [];
    this.#slots = 0;
    return ended;
  }

  #enqueue(callId: string, item: AttemptItem, unit: Unit): boolean {
    const [index, attempt] = item;
    const ofCall = this.#held.get(callId) ?? new Map<number, Held>();
    const key = keyOf(item);
    if (ofCall.has(key)) return false;
    const held: Held = {
      ref: [callId, index, attempt],
      unit,
      stage: "waiting",
      cancelled: false,
      answered: false,
      reported: false,
    };
    if (ofCall.size === 0) this.#held.set(callId, ofCall);
    ofCall.set(key, held);
    unit.left += 1;
    unit.wanted += 1;
    this.#queue.push(held);
    this.#waitingCount += 1;
    return true;
  }

  /** The members of a unit follow each other in the queue, so all of them begin in one go. */
  #promote(nowMs: number): void {
    for (; this.#waitingCount > 0; this.#head += 1) {
      const held = this.#queue[this.#head];
      if (held?.stage !== "waiting") continue;
      const { unit } = held;
      if (!this.#begun.has(unit)) {
        if (this.#begun.size >= this.#slots) break;
        this.#begun.add(unit);
        unit.begunAtMs = nowMs;
        unit.deadlineMs = nowMs + this.#timeoutMs;
      }
      held.stage = "begun";
      this.#waitingCount -= 1;
      this.#begunCount += 1;
      this.#unreported.push(held);
    }
    if (this.#waitingCount === 0) this.#clearQueue();
    else if (this.#head > PASSED_KEPT && this.#head * 2 > this.#queue.length) this.#dropPassed();
  }

  /** Nobody wants anything of it any more. */
  #hurry(unit: Unit, nowMs: number): void {
    unit.deadlineMs = Math.min(unit.deadlineMs, nowMs + this.#graceMs);
  }

  /** What has begun and is not answered for. */
  #running(): Held[] {
    const running: Held[] = [];
    for (const ofCall of this.#held.values()) {
      for (const held of ofCall.values()) if (held.stage === "begun" && !held.answered) running.push(held);
    }
    return running;
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

function newUnit(): Unit {
  return { left: 0, wanted: 0, begunAtMs: 0, deadlineMs: 0 };
}
