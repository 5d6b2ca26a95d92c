/**
 * The calls of one function that are not finished: who is there for each, how much of it has been received, and how many
 * of its inputs have no output yet. What the queue does with their inputs is the core's business.
 */
import type { CallCounts } from "@bellows/protocol/client-frames";
import { LIMITS } from "@bellows/protocol/limits";
import { CALL_KINDS, type CallKind, type QueueClass } from "@bellows/protocol/states";
import { CallAudience } from "./call-audience.ts";
import type { CallEnd } from "./call-listener.ts";

export interface LiveCallEntry {
  readonly callId: string;
  readonly kind: CallKind;
  readonly sync: boolean;
  readonly audience: CallAudience;
  /** Opened in this process: what is stored of it was heard of here. */
  readonly fresh: boolean;
  /** Inputs received, which is also the index expected next. */
  received: number;
  /** Inputs that are counted although they have not come yet: so many were announced and found admissible. */
  announced: number;
  /** Inputs whose outputs were appended to the journal, or were found stored when the call came back. */
  ended: number;
  /** Inputs of an async call stay in memory while they fit the window; from then on the core loads them from Postgres. */
  inMemory: boolean;
  inMemoryBytes: number;
  /** Inputs that the core knows of: those of an async call when they are stored. */
  arrived: number;
  /** No more inputs are taken. */
  closed: boolean;
  cancelled: boolean;
  /** Something of it can never be stored. */
  spoiled: boolean;
  /** Counts have changed since they were last stored. */
  dirty: boolean;
}

/** How much of an async call is kept in memory as it arrives, before the rest is left to be loaded. */
const IN_MEMORY_INPUTS = 4_096;
const IN_MEMORY_BYTES = 8 * 1024 * 1024;

/** Told which calls the table has. */
export interface CallListing {
  listed(callId: string): void;
  unlisted(callId: string): void;
}

const UNLISTED: CallListing = { listed() {}, unlisted() {} };

export class CallTable {
  readonly #listing: CallListing;
  readonly #calls = new Map<string, LiveCallEntry>();
  /** Inputs without an output, those announced included. */
  readonly #outstanding: Record<QueueClass, number> = { sync: 0, async: 0 };

  constructor(listing: CallListing = UNLISTED) {
    this.#listing = listing;
  }

  /** A call made now, with so many inputs announced. */
  open(call: { callId: string; kind: CallKind; announced: number }, nowMs: number): LiveCallEntry {
    return this.#add({ ...call, fresh: true, received: 0, ended: 0 }, nowMs);
  }

  /** A call that the facts tell of. Its counts may be a little behind, which its end makes up for. */
  restore(
    call: { callId: string; kind: CallKind; storedCount: number; inputCount: number | null; counts: CallCounts },
    nowMs: number,
  ): LiveCallEntry {
    const { callId, kind, storedCount, inputCount, counts } = call;
    const ended = Math.min(storedCount, counts.succeeded + counts.failed + counts.cancelled);
    const entry = this.#add({ callId, kind, announced: 0, fresh: false, received: storedCount, ended }, nowMs);
    entry.inMemory = false;
    entry.closed = inputCount !== null;
    return entry;
  }

  #add(
    call: Pick<LiveCallEntry, "callId" | "kind" | "announced" | "fresh" | "received" | "ended">,
    nowMs: number,
  ): LiveCallEntry {
    const sync = CALL_KINDS[call.kind].queueClass === "sync";
    const entry: LiveCallEntry = {
      ...call,
      sync,
      audience: new CallAudience(call.callId, sync, nowMs),
      inMemory: true,
      inMemoryBytes: 0,
      arrived: call.received,
      closed: false,
      cancelled: false,
      spoiled: false,
      dirty: false,
    };
    this.#calls.set(entry.callId, entry);
    this.#listing.listed(entry.callId);
    this.#outstanding[CALL_KINDS[entry.kind].queueClass] += outstanding(entry);
    return entry;
  }

  /** Inputs of a class that have no output yet, those announced included. */
  outstanding(queueClass: QueueClass): number {
    return this.#outstanding[queueClass];
  }

  /** More inputs have come. */
  received(entry: LiveCallEntry, count: number): void {
    this.#account(entry, () => {
      entry.received += count;
    });
  }

  /** So many inputs will come in all, and are counted from now on. */
  announce(entry: LiveCallEntry, inputCount: number): void {
    this.#account(entry, () => {
      entry.announced = inputCount;
    });
  }

  /** No more inputs are taken; those that were announced and have not come are not waited for. */
  close(entry: LiveCallEntry): void {
    this.#account(entry, () => {
      entry.closed = true;
      entry.announced = 0;
    });
  }

  /** An input has its output. */
  inputEnded(entry: LiveCallEntry): void {
    entry.ended += 1;
    entry.dirty = true;
    this.#outstanding[CALL_KINDS[entry.kind].queueClass] -= 1;
  }

  #account(entry: LiveCallEntry, change: () => void): void {
    const before = outstanding(entry);
    change();
    this.#outstanding[CALL_KINDS[entry.kind].queueClass] += outstanding(entry) - before;
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

  /** Notes a chunk of an async call and says whether its values may stay in memory. */
  keepInMemory(entry: LiveCallEntry, values: readonly Uint8Array[]): boolean {
    for (const value of values) entry.inMemoryBytes += value.byteLength;
    entry.inMemory &&= entry.received + values.length <= IN_MEMORY_INPUTS && entry.inMemoryBytes <= IN_MEMORY_BYTES;
    return entry.inMemory;
  }

  finish(callId: string, end: CallEnd): void {
    const entry = this.#calls.get(callId);
    if (!entry) return;
    this.#calls.delete(callId);
    this.#listing.unlisted(callId);
    this.#outstanding[CALL_KINDS[entry.kind].queueClass] -= outstanding(entry);
    entry.closed = true;
    entry.audience.finished(end);
  }

  /** Calls that nobody has been there for so long that nobody will; what has all its inputs waits for nobody. */
  *vanished(nowMs: number): Iterable<LiveCallEntry> {
    for (const entry of this.#calls.values()) {
      const { sync, closed, cancelled } = entry;
      const { vanishedAtMs } = entry.audience;
      if (cancelled || vanishedAtMs === null || (closed && !sync)) continue;
      if (nowMs - vanishedAtMs >= LIMITS.vanishedCallerMs) yield entry;
    }
  }
}

/** Of one call. Announced inputs are counted until they have come. */
function outstanding({ received, announced, ended }: LiveCallEntry): number {
  return Math.max(received, announced) - ended;
}
