/**
 * One `map`: inputs go out as the source is read, results come back as they are taken. At most a window of inputs is
 * sent and not yet taken, so a slow consumer slows the source and memory stays bounded. Whoever stops taking results,
 * by an error, `break` or a signal, cancels what is left. The call survives a lost orchestrator (the link sees to it).
 */
import type { BellowsError } from "@bellows/protocol/errors";
import { CancelledError, InternalError, InvalidError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import type { CallState } from "@bellows/protocol/states";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import type { ArgumentsSource } from "./arguments-source.ts";
import type { CallOrigin } from "./call-origin.ts";
import { inThisContext } from "./call-origin.ts";
import type { OpenCall } from "./client-link.ts";
import type { BoundCall } from "./handle-binding.ts";
import type { CallOutput } from "./link-call.ts";
import type { Outcome } from "./payloads.ts";
import { ArrivalBuffer, ReorderBuffer } from "./reorder.ts";
import { SourceReader } from "./source-reader.ts";

/** How far a map is. `total` is null until the source has ended, unless it is an array. */
export interface MapProgress {
  sent: number;
  succeeded: number;
  failed: number;
  total: number | null;
}

export interface MapOptions {
  /** Results in the order of the inputs (the default), or as they come. */
  ordered?: boolean | undefined;
  /** Errors take the place of results instead of ending the map. */
  returnExceptions?: boolean | undefined;
  /** Cancels the map. */
  signal?: AbortSignal | undefined;
  /** Called when results have arrived. */
  onProgress?: ((progress: MapProgress) => void) | undefined;
}

/** The results of a `map`, once: iterate over them, or take them all. Nothing is sent before the first is asked for. */
export interface MapResults<R> extends AsyncIterableIterator<R> {
  /** All results. @throws the first error in order, unless `returnExceptions` is set. */
  toArray(): Promise<R[]>;
}

/** Bytes of inputs that are sent and not answered, above which the source is not read on. */
const WINDOW_BYTES = 64 * 1024 * 1024;

/** What a map is made of. */
export interface MapRunParts {
  connect(): Promise<BoundCall>;
  source: ArgumentsSource;
  options: MapOptions;
  /** Of the code that makes the map; its signal cancels it. */
  origin: CallOrigin;
  /** Of `forEach`: results stay unread. */
  discardResults?: boolean;
}

interface Waiter<R> {
  resolve: (result: IteratorResult<R, undefined>) => void;
  reject: (error: unknown) => void;
}

const DONE = { done: true, value: undefined } as const;

export class MapRun<R> implements MapResults<R> {
  readonly #parts: MapRunParts;
  readonly #reader: SourceReader;
  readonly #tellProgress: (progress: MapProgress) => void;
  readonly #buffer: ReorderBuffer<CallOutput> | ArrivalBuffer<CallOutput>;
  #waiters: Waiter<R>[] = [];
  #started = false;
  #bound: BoundCall | undefined;
  #call: OpenCall | undefined;
  /** Thrown once every input read before it has been taken. */
  #sourceError: { error: unknown } | undefined;
  /** Nothing more will come: thrown once what has come has been taken. */
  #abandoned: { error: unknown } | undefined;
  #over = false;
  #finishedByServer = false;
  #sent = 0;
  #taken = 0;
  #succeeded = 0;
  #failed = 0;
  #unansweredBytes = 0;
  #bytesByIndex = new Map<number, number>();

  constructor(parts: MapRunParts) {
    this.#parts = parts;
    const { options } = parts;
    this.#tellProgress = inThisContext((progress) => options.onProgress?.(progress));
    this.#buffer = (options.ordered ?? true) ? new ReorderBuffer(LIMITS.mapWindow) : new ArrivalBuffer();
    this.#reader = new SourceReader({
      source: parts.source,
      mayRead: () => this.#mayRead(),
      send: (args) => this.#send(args),
      ended: (failure) => {
        this.#sourceError = failure;
        this.#call?.close();
        this.#settle();
      },
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async toArray(): Promise<R[]> {
    if (this.#started) throw new InvalidError("the results of this map are being taken already; call map again");
    const results: R[] = [];
    for (let step = await this.next(); !step.done; step = await this.next()) results.push(step.value);
    return results;
  }

  next(): Promise<IteratorResult<R, undefined>> {
    if (!this.#started) this.#start();
    if (this.#over) return Promise.resolve(DONE);
    const output = this.#waiters.length === 0 ? this.#buffer.take() : undefined;
    if (output) {
      const outcome = this.#takeOutput(output);
      return outcome.ok ? Promise.resolve({ done: false, value: outcome.value }) : Promise.reject(outcome.error);
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#settle();
    });
  }

  /** What `break` calls: cancels what is left. */
  async return(): Promise<IteratorResult<R, undefined>> {
    this.#end();
    return DONE;
  }

  #start(): void {
    this.#started = true;
    const { origin, source, connect } = this.#parts;
    if (origin.signal?.aborted) return this.#abort();
    origin.signal?.addEventListener("abort", this.#abort, { once: true });
    connect().then(
      (bound) => {
        if (this.#over || this.#abandoned) return;
        this.#bound = bound;
        this.#call = bound.wire.link.open(
          bound.target,
          "map",
          {
            outputs: (outputs) => this.#arrived(outputs),
            finished: (state) => this.#finished(state),
            failed: (error) => this.#abandon(error),
          },
          { inputCount: source.knownCount, parent: origin.parent },
        );
        this.#reader.pump();
      },
      (error: unknown) => this.#abandon(error),
    );
  }

  readonly #abort = (): void => {
    const cause = this.#parts.origin.signal?.reason;
    this.#abandon(new CancelledError("the map was cancelled by its signal", { cause }));
    this.#call?.cancel();
  };

  #mayRead(): boolean {
    return (
      !this.#over &&
      !this.#abandoned &&
      this.#sent - this.#taken < LIMITS.mapWindow &&
      this.#unansweredBytes < WINDOW_BYTES
    );
  }

  #send(args: readonly unknown[]): void {
    if (this.#over || this.#abandoned || !this.#bound || !this.#call) return;
    const value = this.#bound.encode(args, this.#sent);
    this.#bytesByIndex.set(this.#call.send(value), value.byteLength);
    this.#unansweredBytes += value.byteLength;
    this.#sent += 1;
  }

  #arrived(outputs: readonly CallOutput[]): void {
    for (const output of outputs) {
      const [index, status] = output;
      if (index >= this.#sent) continue;
      this.#unansweredBytes -= this.#bytesByIndex.get(index) ?? 0;
      this.#bytesByIndex.delete(index);
      if (status === OUTPUT_STATUS.succeeded) this.#succeeded += 1;
      else this.#failed += 1;
      this.#buffer.put(index, output);
    }
    this.#progress();
    this.#settle();
    this.#reader.pump();
  }

  #progress(): void {
    try {
      this.#tellProgress({
        sent: this.#sent,
        succeeded: this.#succeeded,
        failed: this.#failed,
        total: this.#reader.ended ? this.#sent : (this.#parts.source.knownCount ?? null),
      });
    } catch (error) {
      this.#abandon(error);
      this.#call?.cancel();
    }
  }

  /** The orchestrator says the call is over: an input without an output will get none. */
  #finished(state: CallState): void {
    this.#finishedByServer = true;
    if (this.#reader.ended && this.#succeeded + this.#failed === this.#sent) return this.#settle();
    this.#abandon(
      state === "cancelled"
        ? new CancelledError("the map was cancelled by someone else before it had all its results")
        : new InternalError(`the map ended as ${state} before it had all its results`),
    );
  }

  #abandon(error: unknown): void {
    if (this.#over || this.#abandoned) return;
    this.#abandoned = { error };
    this.#settle();
  }

  /** Gives waiting consumers what there is. */
  #settle(): void {
    while (this.#waiters.length > 0) {
      const output = this.#buffer.take();
      if (output) {
        const waiter = this.#waiters.shift();
        const outcome = this.#takeOutput(output);
        if (outcome.ok) waiter?.resolve({ done: false, value: outcome.value });
        else waiter?.reject(outcome.error);
        continue;
      }
      const end = this.#reachedEnd();
      if (!end) return;
      const waiter = this.#waiters.shift();
      this.#end();
      if (end.failure) waiter?.reject(end.failure.error);
      else waiter?.resolve(DONE);
    }
  }

  #reachedEnd(): { failure: { error: unknown } | undefined } | undefined {
    if (this.#over) return { failure: undefined };
    if (this.#abandoned) return { failure: this.#abandoned };
    if (!this.#reader.ended || this.#taken < this.#sent) return undefined;
    if (this.#sourceError) return { failure: this.#sourceError };
    // Of an empty map the orchestrator must say that it is over: only then is it known that the function exists.
    return this.#sent > 0 || this.#finishedByServer ? { failure: undefined } : undefined;
  }

  #takeOutput(output: CallOutput): { ok: true; value: R } | { ok: false; error: BellowsError } {
    this.#taken += 1;
    if (!this.#bound || !this.#call) throw new InternalError("an output came before its call was opened");
    const { options, discardResults } = this.#parts;
    const read = !(discardResults && output[1] === OUTPUT_STATUS.succeeded);
    const outcome: Outcome = read
      ? this.#bound.wire.payloads.outcomeOf(this.#call.callId, output)
      : { ok: true, value: undefined };
    if (!outcome.ok && !options.returnExceptions) {
      this.#end();
      return outcome;
    }
    this.#reader.pump();
    // The handle's types come from the handler; what it returned travelled as bytes.
    return { ok: true, value: (outcome.ok ? outcome.value : outcome.error) as R };
  }

  /** Nothing more is taken: whatever still runs is cancelled, and all who wait are told. */
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#started = true;
    this.#parts.origin.signal?.removeEventListener("abort", this.#abort);
    const answered = this.#reader.ended && this.#succeeded + this.#failed === this.#sent;
    this.#reader.stop();
    if (answered) this.#call?.leave();
    else this.#call?.cancel();
    this.#settle();
  }
}
