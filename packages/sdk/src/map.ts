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
import type { ArgumentsSource, ArgumentsStep } from "./arguments-source.ts";
import type { OpenCall } from "./client-link.ts";
import type { Wire } from "./connection.ts";
import type { CallOutput, CallTarget } from "./link-call.ts";
import { ArrivalBuffer, ReorderBuffer } from "./reorder.ts";

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

interface Waiter<R> {
  resolve: (result: IteratorResult<R, undefined>) => void;
  reject: (error: unknown) => void;
}

const DONE = { done: true, value: undefined } as const;

export class MapRun<R> implements MapResults<R> {
  readonly #connect: () => Promise<{ wire: Wire; target: CallTarget }>;
  readonly #source: ArgumentsSource;
  readonly #options: MapOptions;
  readonly #buffer: ReorderBuffer<CallOutput> | ArrivalBuffer<CallOutput>;
  #waiters: Waiter<R>[] = [];
  #started = false;
  #wire: Wire | undefined;
  #call: OpenCall | undefined;
  /** True while the source is being asked for an input. */
  #reading = false;
  #sourceEnded = false;
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

  constructor(
    connect: () => Promise<{ wire: Wire; target: CallTarget }>,
    source: ArgumentsSource,
    options: MapOptions,
  ) {
    this.#connect = connect;
    this.#source = source;
    this.#options = options;
    this.#buffer = (options.ordered ?? true) ? new ReorderBuffer(LIMITS.mapWindow) : new ArrivalBuffer();
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
    const { signal } = this.#options;
    if (signal?.aborted) return this.#abort();
    signal?.addEventListener("abort", this.#abort, { once: true });
    this.#connect().then(
      ({ wire, target }) => {
        if (this.#over || this.#abandoned) return;
        this.#wire = wire;
        this.#call = wire.link.open(target, "map", {
          outputs: (outputs) => this.#arrived(outputs),
          finished: (state) => this.#finished(state),
          failed: (error) => this.#abandon(error),
        });
        this.#pump();
      },
      (error: unknown) => this.#abandon(error),
    );
  }

  readonly #abort = (): void => {
    const cause = this.#options.signal?.reason;
    this.#abandon(new CancelledError("the map was cancelled by its signal", { cause }));
    this.#call?.cancel();
  };

  /** Reads the source as far as the window allows. */
  #pump(): void {
    while (this.#mayRead()) {
      this.#reading = true;
      let step: ArgumentsStep | Promise<ArgumentsStep>;
      try {
        step = this.#source.next();
      } catch (error) {
        return this.#sourceFailed(error);
      }
      if (step instanceof Promise) {
        step.then(
          (arrived) => {
            this.#accept(arrived);
            this.#pump();
          },
          (error: unknown) => this.#sourceFailed(error),
        );
        return;
      }
      this.#accept(step);
    }
  }

  #mayRead(): boolean {
    return (
      !this.#reading &&
      !this.#sourceEnded &&
      !this.#over &&
      !this.#abandoned &&
      this.#sent - this.#taken < LIMITS.mapWindow &&
      this.#unansweredBytes < WINDOW_BYTES
    );
  }

  #accept(step: ArgumentsStep): void {
    this.#reading = false;
    if (this.#over || this.#abandoned || !this.#wire || !this.#call) return;
    if (step.done) return this.#sourceDone();
    let value: Uint8Array;
    try {
      value = this.#wire.payloads.encodeArguments(step.value);
    } catch (error) {
      this.#source.stop();
      return this.#sourceFailed(error);
    }
    this.#bytesByIndex.set(this.#call.send(value), value.byteLength);
    this.#unansweredBytes += value.byteLength;
    this.#sent += 1;
  }

  #sourceFailed(error: unknown): void {
    this.#reading = false;
    this.#sourceError = { error };
    this.#sourceDone();
  }

  #sourceDone(): void {
    this.#sourceEnded = true;
    this.#call?.close();
    this.#settle();
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
    this.#tellProgress();
    this.#settle();
    this.#pump();
  }

  #tellProgress(): void {
    try {
      this.#options.onProgress?.({
        sent: this.#sent,
        succeeded: this.#succeeded,
        failed: this.#failed,
        total: this.#sourceEnded ? this.#sent : (this.#source.knownCount ?? null),
      });
    } catch (error) {
      this.#abandon(error);
      this.#call?.cancel();
    }
  }

  /** The orchestrator says the call is over: an input without an output will get none. */
  #finished(state: CallState): void {
    this.#finishedByServer = true;
    if (this.#sourceEnded && this.#succeeded + this.#failed === this.#sent) return this.#settle();
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
    if (!this.#sourceEnded || this.#taken < this.#sent) return undefined;
    if (this.#sourceError) return { failure: this.#sourceError };
    // Of an empty map the orchestrator must say that it is over: only then is it known that the function exists.
    return this.#sent > 0 || this.#finishedByServer ? { failure: undefined } : undefined;
  }

  #takeOutput(output: CallOutput): { ok: true; value: R } | { ok: false; error: BellowsError } {
    this.#taken += 1;
    if (!this.#wire || !this.#call) throw new InternalError("an output came before its call was opened");
    const outcome = this.#wire.payloads.outcomeOf(this.#call.callId, output);
    if (!outcome.ok && !this.#options.returnExceptions) {
      this.#end();
      return outcome;
    }
    this.#pump();
    // The handle's types come from the handler; what it returned travelled as bytes.
    return { ok: true, value: (outcome.ok ? outcome.value : outcome.error) as R };
  }

  /** Nothing more is taken: whatever still runs is cancelled, and all who wait are told. */
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#started = true;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    if (!this.#sourceEnded) this.#source.stop();
    if (!this.#sourceEnded || this.#succeeded + this.#failed < this.#sent) this.#call?.cancel();
    else this.#call?.leave();
    this.#settle();
  }
}
