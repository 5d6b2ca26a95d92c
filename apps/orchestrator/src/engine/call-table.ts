/**
 * The calls of one function that are not finished: who listens to each, how much of it has been received, and since
 * when nobody has been there for it. What the queue does with their inputs is the core's business.
 */

import { LIMITS } from "@bellows/protocol/limits";
import { CALL_KINDS, type CallKind } from "@bellows/protocol/states";
import type { CallEnd, CallListener, DeliveredOutput } from "./call-listener.ts";

export interface LiveCallEntry {
  readonly callId: string;
  readonly kind: CallKind;
  readonly sync: boolean;
  /** Inputs received, which is also the index expected next. */
  received: number;
  /** Inputs of an async call stay in memory while they fit the window; from then on the core loads them from Postgres. */
  inMemory: boolean;
  inMemoryBytes: number;
  /** No more inputs are taken. */
  closed: boolean;
  cancelled: boolean;
  readonly listeners: Set<CallListener>;
  /** Links that may still add inputs. */
  feeders: number;
  /**
   * Since when nobody has been there: for a sync call to listen, for an async one to add the inputs that are still to
   * come. Null while somebody is.
   */
  vanishedAtMs: number | null;
  /** Counts have changed since they were last stored. */
  dirty: boolean;
}

/** How much of an async call is kept in memory as it arrives, before the rest is left to be loaded. */
const IN_MEMORY_INPUTS = 4_096;
const IN_MEMORY_BYTES = 8 * 1024 * 1024;

export class CallTable {
  readonly #calls = new Map<string, LiveCallEntry>();

  open(callId: string, kind: CallKind, nowMs: number): LiveCallEntry {
    const entry: LiveCallEntry = {
      callId,
      kind,
      sync: CALL_KINDS[kind].queueClass === "sync",
      received: 0,
      inMemory: true,
      inMemoryBytes: 0,
      closed: false,
      cancelled: false,
      listeners: new Set(),
      feeders: 0,
      vanishedAtMs: nowMs,
      dirty: false,
    };
    this.#calls.set(callId, entry);
    return entry;
  }

  get(callId: string): LiveCallEntry | undefined {
    return this.#calls.get(callId);
  }

  get size(): number {
    return this.#calls.size;
  }

  values(): Iterable<LiveCallEntry> {
    return this.#calls.values();
  }

  listen(entry: LiveCallEntry, listener: CallListener): void {
    entry.listeners.add(listener);
    if (entry.sync) entry.vanishedAtMs = null;
  }

  unlisten(entry: LiveCallEntry, listener: CallListener, nowMs: number): void {
    if (entry.listeners.delete(listener) && entry.sync && entry.listeners.size === 0) entry.vanishedAtMs = nowMs;
  }

  attachFeeder(entry: LiveCallEntry): void {
    entry.feeders += 1;
    if (!entry.sync) entry.vanishedAtMs = null;
  }

  detachFeeder(entry: LiveCallEntry, nowMs: number): void {
    entry.feeders -= 1;
    if (!entry.sync && entry.feeders === 0) entry.vanishedAtMs = nowMs;
  }

  /** Notes a chunk of an async call and says whether its values may stay in memory. */
  keepInMemory(entry: LiveCallEntry, values: readonly Uint8Array[]): boolean {
    for (const value of values) entry.inMemoryBytes += value.byteLength;
    entry.inMemory &&= entry.received + values.length <= IN_MEMORY_INPUTS && entry.inMemoryBytes <= IN_MEMORY_BYTES;
    return entry.inMemory;
  }

  deliver(callId: string, output: DeliveredOutput): void {
    const entry = this.#calls.get(callId);
    if (!entry) return;
    for (const listener of entry.listeners) listener.output(callId, output);
  }

  finish(callId: string, end: CallEnd): void {
    const entry = this.#calls.get(callId);
    if (!entry) return;
    this.#calls.delete(callId);
    entry.closed = true;
    for (const listener of entry.listeners) listener.finished(callId, end);
  }

  /** Calls that nobody has been there for so long that nobody will; what has all its inputs waits for nobody. */
  *vanished(nowMs: number): Iterable<LiveCallEntry> {
    for (const entry of this.#calls.values()) {
      const { sync, closed, cancelled, vanishedAtMs } = entry;
      if (cancelled || vanishedAtMs === null || (closed && !sync)) continue;
      if (nowMs - vanishedAtMs >= LIMITS.vanishedCallerMs) yield entry;
    }
  }
}
