/**
 * The inputs of this container, from the moment they are handed over to the end that is told of each: what has begun,
 * what is overdue, and what becomes of all of them when a worker dies. It forwards their values without decoding them,
 * and those that were handed over together go to the worker together, for they may be a batch.
 */
import type { Assignment, CommandFrame } from "@bellows/protocol/agent-frames";
import type { ErrorData } from "@bellows/protocol/errors";
import { type AttemptRef, filterOfCall, type InputItem, type OfCall } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";
import { Attempts, type EndedAttempt } from "./attempts.ts";
import { nowMs } from "./clock.ts";
import type { CodeHost } from "./code-host.ts";
import { cancelledError, crashError, isBlamedOnInput, timeoutError, type WorkerEndFacts } from "./end-errors.ts";
import type { Outgoing } from "./outgoing.ts";

const CANCEL_GRACE_MS = 5_000;

export class Inputs {
  readonly #outgoing: Outgoing;
  readonly #code: CodeHost;
  #attempts = new Attempts({ timeoutMs: 0, graceMs: 0 });
  #slots = 1;
  #timeoutMs = 0;
  #batched = false;
  /** What came before the code was loaded: the inputs of each frame. */
  #unsent: OfCall<InputItem>[][] = [];
  #deadline: { timer: NodeJS.Timeout; atMs: number } | undefined;

  constructor(outgoing: Outgoing, code: CodeHost) {
    this.#outgoing = outgoing;
    this.#code = code;
  }

  get size(): number {
    return this.#attempts.size;
  }

  refs(): AttemptRef[] {
    return this.#attempts.refs();
  }

  /** The link is new: whoever listens now has not heard what has begun. */
  reportAgain(): void {
    this.#attempts.reportAgain();
  }

  /** Those that have begun since the last time. */
  takeStarted(): AttemptRef[] {
    return this.#attempts.takeStarted();
  }

  assign({ maxInputs, timeoutMs, batched }: Assignment): void {
    this.#slots = maxInputs;
    this.#timeoutMs = timeoutMs;
    this.#batched = batched;
    this.#attempts = new Attempts({ timeoutMs, graceMs: CANCEL_GRACE_MS });
  }

  run(inputs: OfCall<InputItem>[]): void {
    const atMs = nowMs();
    const fresh = this.#batched
      ? this.#attempts.addBatch(inputs, atMs)
      : filterOfCall(inputs, (callId, item) => this.#attempts.add(callId, item, atMs));
    if (fresh.length === 0) return;
    if (!this.#code.isLoaded) {
      this.#unsent.push(fresh);
      return;
    }
    this.#code.send({ type: "run", inputs: fresh });
    this.#watchDeadlines();
    this.#outgoing.begun();
  }

  /** A worker takes inputs from now on. */
  codeLoaded(): void {
    for (const inputs of this.#unsent) this.#code.send({ type: "run", inputs });
    this.#unsent = [];
    this.#attempts.open(this.#slots, nowMs());
    this.#watchDeadlines();
  }

  recall(attempts: AttemptRef[]): void {
    if (attempts.length === 0) return;
    if (this.#code.isLoaded) return this.#code.send({ type: "recall", attempts });
    this.#giveBack(attempts.filter((ref) => this.#holds(ref)));
  }

  recallWaiting(): void {
    this.recall(this.#attempts.waiting());
  }

  cancel(attempts: AttemptRef[]): void {
    const held = attempts.filter((ref) => this.#holds(ref));
    const atMs = nowMs();
    if (this.#code.isLoaded) {
      const ended = this.#attempts.cancel(held, atMs);
      for (const attempt of ended) this.#tellEnd(OUTPUT_STATUS.cancelled, cancelledError(), attempt, atMs);
      this.#code.send({ type: "cancel", attempts: held });
      return this.#watchDeadlines();
    }
    for (const ref of held) this.#end(OUTPUT_STATUS.cancelled, cancelledError(), { ref, begunAtMs: atMs });
    this.#dropUnsent();
  }

  /** The caller of a generator has some of its values. */
  take({ attempt, received, resend }: Extract<CommandFrame, { type: "take" }>): void {
    this.#outgoing.taken(attempt, received, resend);
    if (this.#holds(attempt)) this.#code.send({ type: "take", attempt, received });
  }

  /** None of them will run here. */
  giveBackAll(): void {
    this.#giveBack(this.#attempts.refs());
  }

  answered(frame: Extract<WorkerFrame, { type: "outputs" | "yields" | "returned" }>): void {
    const atMs = nowMs();
    switch (frame.type) {
      case "outputs":
        for (const [callId, items] of frame.outputs) {
          for (const item of items) if (this.#attempts.remove(callId, item, atMs)) this.#outgoing.end(callId, item);
        }
        if (!this.#deadline || this.#batched) this.#watchDeadlines();
        return;
      case "yields":
        if (this.#holds(frame.attempt)) this.#outgoing.yielded(frame);
        return;
      case "returned": {
        const attempts = frame.attempts.filter((ref) => this.#remove(ref, atMs));
        if (attempts.length > 0) this.#outgoing.notify({ type: "returned", attempts });
        return;
      }
      default:
        frame satisfies never;
    }
  }

  /** Answers for everything held; returns whether anything had begun. */
  workerEnded(end: WorkerEndFacts, atMs: number): boolean {
    clearTimeout(this.#deadline?.timer);
    this.#deadline = undefined;
    const hadBegun = this.#attempts.hasBegun();
    const { timedOut, cancelled, lost, returned } = this.#attempts.workerEnded(atMs);
    for (const attempt of timedOut)
      this.#end(OUTPUT_STATUS.failed, timeoutError(this.#timeoutMs, this.#batched), attempt);
    for (const attempt of cancelled) this.#end(OUTPUT_STATUS.cancelled, cancelledError(), attempt);
    // Of one that has yielded the caller has seen a part: it cannot be run again, whoever is to blame for its end.
    const isLost = (ref: AttemptRef) => !isBlamedOnInput(end) || this.#outgoing.hasYielded(ref);
    this.#tell({ type: "lost", attempts: lost.filter(isLost), error: crashError(end) });
    this.#tell({ type: "returned", attempts: [...lost.filter((ref) => !isLost(ref)), ...returned] });
    return hadBegun;
  }

  #holds([callId, ...item]: AttemptRef): boolean {
    return this.#attempts.holds(callId, item);
  }

  #remove([callId, ...item]: AttemptRef, atMs: number): boolean {
    return this.#attempts.remove(callId, item, atMs);
  }

  /** Those that are held no more. */
  #dropUnsent(): void {
    this.#unsent = this.#unsent
      .map((inputs) => filterOfCall(inputs, (callId, item) => this.#attempts.holds(callId, item)))
      .filter((inputs) => inputs.length > 0);
  }

  #tell(
    frame: { type: "lost"; attempts: AttemptRef[]; error: ErrorData } | { type: "returned"; attempts: AttemptRef[] },
  ) {
    if (frame.attempts.length > 0) this.#outgoing.notify(frame);
  }

  /** None of these has begun. */
  #giveBack(attempts: AttemptRef[]): void {
    const atMs = nowMs();
    for (const ref of attempts) this.#remove(ref, atMs);
    this.#dropUnsent();
    this.#tell({ type: "returned", attempts });
  }

  #end(status: 1 | 2, error: ErrorData, attempt: EndedAttempt): void {
    const endedAtMs = nowMs();
    this.#remove(attempt.ref, endedAtMs);
    this.#tellEnd(status, error, attempt, endedAtMs);
  }

  #tellEnd(status: 1 | 2, error: ErrorData, { ref, begunAtMs }: EndedAttempt, endedAtMs: number): void {
    const [callId, ...item] = ref;
    this.#outgoing.end(callId, [...item, status, encodeValue(error), begunAtMs, endedAtMs]);
  }

  /** One timer at most, for the earliest deadline; it is not moved when an input ends in time, which most do. */
  #watchDeadlines(): void {
    const nextMs = this.#attempts.nextDeadlineMs();
    if (nextMs === null || (this.#deadline && this.#deadline.atMs <= nextMs)) return;
    clearTimeout(this.#deadline?.timer);
    const timer = setTimeout(() => this.#deadlinePassed(), Math.max(0, nextMs - nowMs()));
    this.#deadline = { timer, atMs: nextMs };
  }

  #deadlinePassed(): void {
    this.#deadline = undefined;
    const nextMs = this.#attempts.nextDeadlineMs();
    if (nextMs === null) return;
    if (nextMs > nowMs()) return this.#watchDeadlines();
    this.#code.kill(this.#attempts.isOverdueByCancel(nowMs()) ? "cancel" : "timeout");
  }
}
