/**
 * Runs inputs: in the order in which they came, as many at a time as there are slots. The end of one is written before
 * the next begins; the agent relies on it to know what has begun (`worker-frames.ts`).
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import type { ErrorData } from "@bellows/protocol/errors";
import type { AttemptRef, InputItem, OfCall, OutputItem } from "@bellows/protocol/frame-parts";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";
import { decodeArguments } from "./arguments.ts";
import { cancelledUnbegun, type End, endOfError, endOfThrown, endOfValue } from "./ends.ts";
import { type InputOfCall, keyOf, type Running, RunningInput, refOf } from "./running-input.ts";

/** Begun without a pause for the event loop; then recalls, cancels and timers get their turn. */
const MAX_BEGUN_PER_TURN = 128;
/** Inputs that have begun and are still in the queue, before they are cut off. */
const PASSED_KEPT = 1_024;

/** What runs inputs, one by one or in batches. */
export interface InputsExecutor {
  /** What was handed over together; of a batched function it is one batch. */
  run(inputs: readonly OfCall<InputItem>[]): void;
  /** Gives back those that have not begun. */
  recall(attempts: readonly AttemptRef[]): void;
  cancel(attempts: readonly AttemptRef[]): void;
  /** An error escaped from what this has started; it fails, for the process cannot go on. Nothing begins any more. */
  fail(running: Running, error: ErrorData): void;
}

export interface ExecutorOptions {
  /** What an input calls: the function, or whatever stands for it. */
  call: (args: unknown[], input: RunningInput) => unknown;
  slots: number;
  write: (...frames: WorkerFrame[]) => void;
  /** Called when what ran has ended, before its outputs are written: what it printed last belongs before that. */
  beforeEnd: (running: Running) => void;
}

export class Executor implements InputsExecutor {
  readonly #options: ExecutorOptions;
  readonly #current: AsyncLocalStorage<Running>;
  readonly #running = new Set<RunningInput>();
  #queue: InputOfCall[] = [];
  /** Of the next input in the queue; those before it are cut off now and then. */
  #head = 0;
  #begunThisTurn = 0;
  #paused = false;

  constructor(options: ExecutorOptions, current: AsyncLocalStorage<Running>) {
    this.#options = options;
    this.#current = current;
  }

  run(inputs: readonly OfCall<InputItem>[]): void {
    for (const [callId, items] of inputs) for (const item of items) this.#queue.push({ callId, item });
    this.#pump();
  }

  /** Those for which there is a slot are begun, as the agent has said already: a paused turn has yet to come to them. */
  recall(attempts: readonly AttemptRef[]): void {
    const free = this.#options.slots - this.#running.size;
    const beginning = new Set(this.#queue.slice(this.#head, this.#head + free).map((next) => keyOf(refOf(next))));
    const recalled = this.#takeQueued(attempts.filter((ref) => !beginning.has(keyOf(ref))));
    if (recalled.length > 0) this.#options.write({ type: "returned", attempts: recalled });
  }

  cancel(attempts: readonly AttemptRef[]): void {
    const nowMs = Date.now();
    for (const [callId, ...item] of this.#takeQueued(attempts)) {
      this.#write(callId, [...item, ...cancelledUnbegun(), nowMs, nowMs]);
    }
    const cancelled = new Set(attempts.map(keyOf));
    for (const input of this.#running) {
      if (cancelled.has(keyOf(input.ref))) this.#current.run(input, () => input.cancel());
    }
  }

  fail(input: Running, error: ErrorData): void {
    this.#paused = true;
    if (input instanceof RunningInput) this.#end(input, endOfError(error));
  }

  #takeQueued(attempts: readonly AttemptRef[]): AttemptRef[] {
    const wanted = new Set(attempts.map(keyOf));
    const taken: AttemptRef[] = [];
    this.#queue = this.#queue.slice(this.#head).filter((queued) => {
      const ref = refOf(queued);
      const isTaken = wanted.has(keyOf(ref));
      if (isTaken) taken.push(ref);
      return !isTaken;
    });
    this.#head = 0;
    return taken;
  }

  #pump(): void {
    while (!this.#paused && this.#running.size < this.#options.slots) {
      const next = this.#queue[this.#head];
      if (!next) break;
      if (this.#begunThisTurn >= MAX_BEGUN_PER_TURN) return this.#pause();
      if (this.#begunThisTurn === 0) setImmediate(() => this.#newTurn());
      this.#begunThisTurn += 1;
      this.#head += 1;
      this.#begin(next);
    }
    if (this.#head === this.#queue.length || this.#head >= PASSED_KEPT) this.#dropPassed();
  }

  #dropPassed(): void {
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }

  #newTurn(): void {
    this.#begunThisTurn = 0;
    if (!this.#paused) return;
    this.#paused = false;
    this.#pump();
  }

  /** The immediate that ends this turn was asked for when its first input began. */
  #pause(): void {
    this.#paused = true;
  }

  #begin({ callId, item }: InputOfCall): void {
    const input = new RunningInput(callId, item);
    this.#running.add(input);
    this.#current.run(input, () => {
      this.#call(item[2], input).then(
        (value) => this.#end(input, endOfValue(value)),
        (thrown: unknown) => this.#end(input, endOfThrown(input, thrown)),
      );
    });
  }

  /**
   * Always a promise, so that a handler that throws at once and one that rejects end alike, and none ends inside of
   * `#pump`. Not an async function: it would make two promises more, and each is a hook of AsyncLocalStorage.
   */
  #call(args: Uint8Array, input: RunningInput): Promise<unknown> {
    try {
      return Promise.resolve(this.#options.call(decodeArguments(args), input));
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  #end(input: RunningInput, [status, payload]: End): void {
    if (input.ended) return;
    input.ended = true;
    this.#options.beforeEnd(input);
    const { callId, index, attempt, startedAtMs } = input;
    this.#write(callId, [index, attempt, status, payload, startedAtMs, Date.now()]);
    this.#running.delete(input);
    this.#pump();
  }

  #write(callId: string, output: OutputItem): void {
    this.#options.write({ type: "outputs", outputs: [[callId, [output]]] });
  }
}
