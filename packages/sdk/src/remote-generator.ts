/**
 * One `remoteGen`: the values that a generator in a container yields, one after the other. Taking them is what lets the
 * generator go on; leaving the loop cancels it. The stream survives a cut, gapless and without doubles.
 */
import { CancelledError, InternalError } from "@bellows/protocol/errors";
import type { CallState } from "@bellows/protocol/states";
import type { CallOrigin } from "./call-origin.ts";
import type { OpenCall } from "./client-link.ts";
import type { BoundCall } from "./handle-binding.ts";
import type { CallOutput } from "./link-call.ts";
import { endedWithoutOutput } from "./stored-outputs.ts";
import { YieldStream } from "./yield-stream.ts";

/** What a generator yields, once. Nothing is sent before the first value is asked for; `break` cancels the generator. */
export interface RemoteYields<Yield> extends AsyncIterableIterator<Yield, undefined> {
  return(): Promise<IteratorResult<Yield, undefined>>;
}

interface Waiter<Yield> {
  resolve: (step: IteratorResult<Yield, undefined>) => void;
  reject: (error: unknown) => void;
}

const DONE = { done: true, value: undefined } as const;

export class GeneratorRun<Yield> implements RemoteYields<Yield> {
  readonly #connect: () => Promise<BoundCall>;
  readonly #args: readonly unknown[];
  readonly #origin: CallOrigin;
  readonly #stream = new YieldStream();
  #waiters: Waiter<Yield>[] = [];
  #started = false;
  #bound: BoundCall | undefined;
  #call: OpenCall | undefined;
  /** No value will come after those that have; with the error that it ended with. */
  #ended: { failure: { error: unknown } | undefined } | undefined;
  #over = false;

  constructor(connect: () => Promise<BoundCall>, args: readonly unknown[], origin: CallOrigin) {
    this.#connect = connect;
    this.#args = args;
    this.#origin = origin;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Yield, undefined>> {
    if (!this.#started) this.#start();
    if (this.#over) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#settle();
    });
  }

  /** What `break` calls. */
  async return(): Promise<IteratorResult<Yield, undefined>> {
    this.#started = true;
    this.#finish();
    return DONE;
  }

  #start(): void {
    this.#started = true;
    const { signal, parent } = this.#origin;
    if (signal?.aborted) return this.#abort();
    signal?.addEventListener("abort", this.#abort, { once: true });
    this.#connect()
      .then((bound) => {
        if (this.#over || this.#ended) return;
        const value = bound.encode(this.#args);
        this.#bound = bound;
        this.#call = bound.wire.link.open(
          bound.target,
          "remoteGen",
          {
            yields: (firstSeq, values) => this.#arrived(firstSeq, values),
            outputs: (outputs) => this.#output(outputs),
            finished: (state) => this.#finished(state),
            failed: (error) => this.#end({ error }),
          },
          { inputCount: 1, parent },
        );
        this.#call.send(value);
        this.#call.close();
      })
      .catch((error: unknown) => this.#end({ error }));
  }

  readonly #abort = (): void => {
    const cause = this.#origin.signal?.reason;
    this.#call?.cancel();
    this.#end({ error: new CancelledError("the generator was cancelled by its signal", { cause }) });
  };

  #arrived(firstSeq: number, values: readonly Uint8Array[]): void {
    if (this.#over) return;
    if (!this.#stream.arrived(firstSeq, values)) this.#call?.taken(this.#stream.taken, true);
    this.#settle();
  }

  /** The end of the generator: the number of its values, or its error. */
  #output([output]: readonly CallOutput[]): void {
    if (!output || !this.#bound || !this.#call) return;
    const outcome = this.#bound.wire.payloads.outcomeOf(this.#call.callId, output);
    if (!outcome.ok) return this.#end({ error: outcome.error });
    if (typeof outcome.value !== "number") {
      return this.#end({ error: new InternalError("a generator ended without the number of its values") });
    }
    this.#stream.endsAt(outcome.value);
    this.#settle();
  }

  #finished(state: CallState): void {
    if (!this.#stream.complete) this.#end({ error: endedWithoutOutput(this.#call?.callId ?? "", state) });
  }

  #end(failure: { error: unknown }): void {
    this.#ended ??= { failure };
    this.#settle();
  }

  /** Gives who waits what there is. */
  #settle(): void {
    if (this.#stream.complete) {
      this.#ended ??= { failure: undefined };
      this.#call?.leave();
    }
    while (this.#waiters.length > 0) {
      const value = this.#stream.take();
      if (value) {
        this.#give(value);
        continue;
      }
      if (!this.#ended) break;
      const waiter = this.#waiters.shift();
      const { failure } = this.#ended;
      this.#finish();
      if (failure) waiter?.reject(failure.error);
      else waiter?.resolve(DONE);
    }
    if (!this.#ended && this.#stream.tell()) this.#call?.taken(this.#stream.taken, false);
  }

  #give(bytes: Uint8Array): void {
    const waiter = this.#waiters.shift();
    const read = this.#bound?.wire.payloads.yieldOf(this.#call?.callId ?? "", bytes);
    // The handle's types come from the generator; what it yielded travelled as bytes.
    if (read?.ok) return waiter?.resolve({ done: false, value: read.value as Yield });
    this.#finish();
    waiter?.reject(read?.error);
  }

  /** Nothing more is taken: a generator that still runs is cancelled, and all who wait are told. */
  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#origin.signal?.removeEventListener("abort", this.#abort);
    if (this.#ended) this.#call?.leave();
    else this.#call?.cancel();
    this.#ended ??= { failure: undefined };
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(DONE);
  }
}
