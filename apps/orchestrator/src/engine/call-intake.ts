/**
 * How calls and their inputs come into an engine: each is appended to the journal and told to the core, a sync call's
 * at once, an async call's when it is stored. Kept true: a call id is open once, an idempotency key makes one call,
 * every stored input is known to the core before its call is cancelled, and no call waits for ever for a client that
 * is gone.
 */

import { CancelledError, ConflictError } from "@bellows/protocol/errors";
import type { CallKind } from "@bellows/protocol/states";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import type { CoreEvent } from "../core/events.ts";
import type { Fact, FactReader, UnfinishedCall } from "../journal/facts.ts";
import type { CallTable, LiveCallEntry } from "./call-table.ts";
import { IdempotencyKeys } from "./idempotency-keys.ts";

export interface NewCall {
  callId: string;
  kind: CallKind;
  idempotencyKey: string | null;
}

/** What the intake needs of its engine. */
export interface IntakeEngine {
  readonly record: FunctionRecord;
  readonly calls: CallTable;
  readonly reader: FactReader;
  now(): number;
  feed(events: CoreEvent[]): void;
  append(fact: Fact, committed?: () => void): void;
  whenCommitted(callback: () => void): void;
  committed(): Promise<void>;
  /** @throws when the engine takes no calls any more. */
  assertOpen(): void;
}

const NO_COUNTS = { succeeded: 0, failed: 0, cancelled: 0 };

export class CallIntake {
  readonly #engine: IntakeEngine;
  readonly #keys: IdempotencyKeys;

  constructor(engine: IntakeEngine) {
    this.#engine = engine;
    this.#keys = new IdempotencyKeys((key) => engine.reader.callByIdempotencyKey(engine.record.functionId, key));
  }

  /**
   * A call from a client: known from now on. `stored` is called when it is in Postgres.
   * @throws ConflictError when the id is open already.
   */
  open({ callId, kind, idempotencyKey }: NewCall, stored: () => void): LiveCallEntry {
    const { calls, record } = this.#engine;
    this.#engine.assertOpen();
    if (calls.get(callId)) throw new ConflictError(`call ${callId} exists already; make a new id for a new call`);
    const entry = calls.open(callId, kind, this.#engine.now());
    const { functionId, environmentId } = record;
    this.#engine.append(
      { type: "callOpened", callId, functionId, environmentId, kind, idempotencyKey, inputCount: null },
      () => {
        if (idempotencyKey !== null) this.#keys.stored(idempotencyKey);
        stored();
      },
    );
    this.#engine.feed([
      { type: "callOpened", callId, kind, inputCount: null, storedCount: 0, loadFrom: 0, counts: NO_COUNTS },
    ]);
    return entry;
  }

  /** The call that a key made within its day; without one, `open` is called and the id is the new call's. */
  callOfKey(key: string, callId: string, open: () => void): Promise<string> {
    return this.#keys.callOf(key, callId, open);
  }

  /** Calls of an earlier orchestrator process, as their facts say. Nobody is there for them until their clients are back. */
  recover(calls: readonly UnfinishedCall[]): void {
    const events = calls.map(({ callId, kind, inputCount, storedCount }): CoreEvent => {
      const entry = this.#engine.calls.open(callId, kind, this.#engine.now());
      entry.received = storedCount;
      entry.inMemory = false;
      entry.closed = inputCount !== null;
      return { type: "callOpened", callId, kind, inputCount, storedCount, loadFrom: 0, counts: NO_COUNTS };
    });
    if (events.length > 0) this.#engine.feed(events);
  }

  /** Whether there is such a call, running or finished. */
  async knows(callId: string): Promise<boolean> {
    const { calls, reader } = this.#engine;
    if (calls.get(callId)) return true;
    await this.#engine.committed();
    const stored = await reader.call(callId);
    return stored !== undefined || calls.get(callId) !== undefined;
  }

  /**
   * The next inputs of a call.
   * @throws CancelledError, ConflictError when the call takes no more.
   */
  add(entry: LiveCallEntry, values: Uint8Array[], stored: () => void): void {
    const { callId, sync } = entry;
    this.#engine.assertOpen();
    if (entry.cancelled) throw new CancelledError(`call ${callId} was cancelled`);
    if (entry.closed) throw new ConflictError(`call ${callId} takes no more inputs: it was closed`);
    const firstIndex = entry.received;
    const keep = sync || this.#engine.calls.keepInMemory(entry, values);
    entry.received += values.length;
    const arrived = (): void =>
      this.#engine.feed([
        keep
          ? { type: "inputsArrived", callId, inputs: arrivedInputs(firstIndex, values) }
          : { type: "inputsStored", callId, count: values.length },
      ]);
    this.#engine.append({ type: "inputs", callId, firstIndex, values }, () => {
      if (!sync) arrived();
      stored();
    });
    if (sync) arrived();
  }

  /** No more inputs will come. Closing again changes nothing. */
  close(entry: LiveCallEntry): void {
    if (entry.closed) return;
    entry.closed = true;
    const { callId, sync, received: inputCount } = entry;
    const closed = (): void => this.#engine.feed([{ type: "callClosed", callId, inputCount }]);
    this.#engine.append({ type: "callClosed", callId, inputCount }, sync ? undefined : closed);
    if (sync) closed();
  }

  /** Inputs of an async call that are on their way into Postgres are known to the core before it is told. */
  cancel(callId: string, options: { terminateContainers: boolean }): void {
    const entry = this.#engine.calls.get(callId);
    if (!entry) return;
    entry.cancelled = true;
    const cancelled = (): void => this.#engine.feed([{ type: "callCancelled", callId, ...options }]);
    if (entry.sync) cancelled();
    else this.#engine.whenCommitted(cancelled);
  }

  /** Marks all calls as cancelled, which the core is about to be told. */
  refuseMore(): void {
    for (const entry of this.#engine.calls.values()) entry.cancelled = true;
  }

  /** Cancels sync calls whose caller is gone, and closes async ones whose inputs nobody will complete. */
  endVanished(): void {
    for (const entry of this.#engine.calls.vanished(this.#engine.now())) {
      if (entry.sync) this.cancel(entry.callId, { terminateContainers: false });
      else this.close(entry);
    }
  }
}

function arrivedInputs(firstIndex: number, values: readonly Uint8Array[]) {
  return values.map((value, offset) => ({ index: firstIndex + offset, value, failedAttempts: 0, lostAttempts: 0 }));
}
