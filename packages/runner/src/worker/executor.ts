/**
 * Runs inputs: in the order in which they came, as many at a time as there are slots. The end of one is written before
 * the next begins; the agent relies on it to know what has begun (`worker-frames.ts`).
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import { CancelledError, type ErrorData, errorData, remoteErrorData } from "@bellows/protocol/errors";
import type { AttemptRef, InputItem, OfCall, OutputItem } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS, type OutputStatus } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";
import { decodeArguments } from "./arguments.ts";
import { keyOf, RunningInput } from "./running-input.ts";
import { withUserStack } from "./user-stack.ts";

/** Begun without a pause for the event loop; then recalls, cancels and timers get their turn. */
const MAX_BEGUN_PER_TURN = 128;
/** Inputs that have begun and are still in the queue, before they are cut off. */
const PASSED_KEPT = 1_024;
const MAX_TEXT_CHARS = 100_000;

export interface ExecutorOptions {
  /** What an input calls: the function, or whatever stands for it. */
  call: (args: unknown[], input: RunningInput) => unknown;
  slots: number;
  write: (...frames: WorkerFrame[]) => void;
  /** Called when an input has ended, before its output is written: what it printed last belongs before that. */
  beforeEnd: (input: RunningInput) => void;
}

interface QueuedInput {
  callId: string;
  item: InputItem;
}

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #current: AsyncLocalStorage<RunningInput>;
  readonly #running = new Set<RunningInput>();
  #queue: QueuedInput[] = [];
  /** Of the next input in the queue; those before it are cut off now and then. */
  #head = 0;
  #begunThisTurn = 0;
  #paused = false;

  constructor(options: ExecutorOptions, current: AsyncLocalStorage<RunningInput>) {
    this.#options = options;
    this.#current = current;
  }

  run(inputs: readonly OfCall<InputItem>[]): void {
    for (const [callId, items] of inputs) for (const item of items) this.#queue.push({ callId, item });
    this.#pump();
  }

  /** Gives back those that have not begun. */
  recall(attempts: readonly AttemptRef[]): void {
    const recalled = this.#takeQueued(attempts);
    if (recalled.length > 0) this.#options.write({ type: "returned", attempts: recalled });
  }

  cancel(attempts: readonly AttemptRef[]): void {
    const nowMs = Date.now();
    const payload = encodeError(errorData(new CancelledError("the input was cancelled before it began")));
    for (const ref of this.#takeQueued(attempts)) {
      const [callId, ...item] = ref;
      this.#write(callId, [...item, OUTPUT_STATUS.cancelled, payload, nowMs, nowMs]);
    }
    const cancelled = new Set(attempts.map(keyOf));
    for (const input of this.#running) {
      if (cancelled.has(keyOf(input.ref))) this.#current.run(input, () => input.cancel());
    }
  }

  /** An error escaped from what an input started; it fails, for the process cannot go on. Nothing begins any more. */
  fail(input: RunningInput, error: ErrorData): void {
    this.#paused = true;
    if (!input.ended) this.#end(input, OUTPUT_STATUS.failed, encodeError(error));
  }

  #takeQueued(attempts: readonly AttemptRef[]): AttemptRef[] {
    const wanted = new Set(attempts.map(keyOf));
    const taken: AttemptRef[] = [];
    this.#queue = this.#queue.slice(this.#head).filter(({ callId, item: [index, attempt] }) => {
      const isTaken = wanted.has(keyOf([callId, index, attempt]));
      if (isTaken) taken.push([callId, index, attempt]);
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

  #begin({ callId, item }: QueuedInput): void {
    const input = new RunningInput(callId, item);
    this.#running.add(input);
    this.#current.run(input, () => {
      this.#call(item[2], input).then(
        (value) => this.#finish(input, value),
        (thrown: unknown) => this.#finishThrown(input, thrown),
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

  #finish(input: RunningInput, value: unknown): void {
    if (input.ended) return;
    let payload: Uint8Array;
    try {
      payload = encodeValue(value);
    } catch (error) {
      return this.#end(input, OUTPUT_STATUS.failed, encodeError(errorData(error)));
    }
    this.#end(input, OUTPUT_STATUS.succeeded, payload);
  }

  #finishThrown(input: RunningInput, thrown: unknown): void {
    if (input.ended) return;
    if (!input.isCancelled) return this.#end(input, OUTPUT_STATUS.failed, encodeError(thrownData(thrown)));
    const cancelled = errorData(new CancelledError("the input was cancelled"));
    const cause = thrown === input.signal.reason ? {} : { cause: thrownData(thrown) };
    this.#end(input, OUTPUT_STATUS.cancelled, encodeError({ ...cancelled, ...cause }));
  }

  #end(input: RunningInput, status: OutputStatus, payload: Uint8Array): void {
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

/** Reading a thrown value can throw again: its properties may be anything. */
export function thrownData(thrown: unknown): ErrorData {
  try {
    return withUserStack(remoteErrorData(thrown));
  } catch {
    return { code: "REMOTE", name: "Error", message: "the function threw a value that cannot be read" };
  }
}

/** An error that is itself too large to travel is cut down to its first words. */
function encodeError(error: ErrorData): Uint8Array {
  try {
    return encodeValue(error);
  } catch {
    const { code, name } = error;
    const cut = (text: string | undefined) => text?.slice(0, MAX_TEXT_CHARS);
    return encodeValue({ code, name: cut(name), message: cut(String(error.message)), stack: cut(error.stack) });
  }
}
