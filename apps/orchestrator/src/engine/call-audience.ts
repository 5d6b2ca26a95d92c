/**
 * Who is there for one call: links and watches that hear everything, waiters for one output each, and links that may
 * still add inputs. Since when nobody has been there decides when a sync call is cancelled and an async one closed.
 */
import type { CallEnd, CallListener, DeliveredOutput } from "./call-listener.ts";

export interface OutputWaiter {
  output(output: DeliveredOutput): void;
  finished(): void;
}

export class CallAudience {
  readonly #callId: string;
  readonly #sync: boolean;
  readonly #listeners = new Set<CallListener>();
  /** Those who wait for one output, by its index: however many they are, the other outputs cost them nothing. */
  readonly #awaited = new Map<number, Set<OutputWaiter>>();
  #feeders = 0;
  #vanishedAtMs: number | null;

  constructor(callId: string, sync: boolean, nowMs: number) {
    this.#callId = callId;
    this.#sync = sync;
    this.#vanishedAtMs = nowMs;
  }

  /**
   * Since when nobody has been there: for a sync call to listen, for an async one to add the inputs that are still to
   * come. Null while somebody is.
   */
  get vanishedAtMs(): number | null {
    return this.#vanishedAtMs;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  get feeders(): number {
    return this.#feeders;
  }

  listen(listener: CallListener): void {
    this.#listeners.add(listener);
    if (this.#sync) this.#vanishedAtMs = null;
  }

  unlisten(listener: CallListener, nowMs: number): void {
    if (this.#listeners.delete(listener)) this.#left(nowMs);
  }

  await(index: number, waiter: OutputWaiter): void {
    this.#awaited.set(index, (this.#awaited.get(index) ?? new Set()).add(waiter));
    if (this.#sync) this.#vanishedAtMs = null;
  }

  unawait(index: number, waiter: OutputWaiter, nowMs: number): void {
    const waiters = this.#awaited.get(index);
    if (!waiters?.delete(waiter)) return;
    if (waiters.size === 0) this.#awaited.delete(index);
    this.#left(nowMs);
  }

  #left(nowMs: number): void {
    if (this.#sync && this.#listeners.size === 0 && this.#awaited.size === 0) this.#vanishedAtMs = nowMs;
  }

  attachFeeder(): void {
    this.#feeders += 1;
    if (!this.#sync) this.#vanishedAtMs = null;
  }

  detachFeeder(nowMs: number): void {
    this.#feeders -= 1;
    if (!this.#sync && this.#feeders === 0) this.#vanishedAtMs = nowMs;
  }

  /** Whether anybody is to be told of this output. */
  awaits(index: number): boolean {
    return this.#listeners.size > 0 || this.#awaited.has(index);
  }

  output(output: DeliveredOutput): void {
    for (const listener of this.#listeners) listener.output(this.#callId, output);
    for (const waiter of this.#awaited.get(output[0]) ?? []) waiter.output(output);
  }

  yielded(firstSeq: number, values: readonly Uint8Array[]): void {
    for (const listener of this.#listeners) listener.yielded(this.#callId, firstSeq, values);
  }

  /** Nobody hears anything after it. */
  finished(end: CallEnd): void {
    for (const listener of this.#listeners) listener.finished(this.#callId, end);
    for (const waiters of this.#awaited.values()) for (const waiter of waiters) waiter.finished();
    this.#listeners.clear();
    this.#awaited.clear();
  }
}
