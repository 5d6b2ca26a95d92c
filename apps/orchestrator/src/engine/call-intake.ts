/**
 * How calls and their inputs come into an engine: what is admitted is appended to the journal and told to the core, a
 * sync call's at once, an async call's when it is stored. Kept true: a call id is open once, an idempotency key makes
 * one call, what is refused has left no trace, a cancelled call is cancelled also after a crash, and no call waits for
 * ever for a client that is gone, or for what Postgres will never take.
 */
import { type BellowsError, CancelledError, ConflictError, errorData, InvalidError } from "@bellows/protocol/errors";
import { CALL_KINDS, type CallKind, type CallState, FUNCTION_KINDS } from "@bellows/protocol/states";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import type { CoreEvent } from "../core/events.ts";
import type { Fact, FactReader, UnfinishedCall } from "../journal/facts.ts";
import type { FunctionMeter } from "../metering/function-meter.ts";
import type { Admission } from "./admission.ts";
import type { CallTable, LiveCallEntry } from "./call-table.ts";
import { IdempotencyKeys } from "./idempotency-keys.ts";

export interface NewCall {
  callId: string;
  kind: CallKind;
  /** How many inputs will come; null when nobody knows yet. */
  inputCount: number | null;
  idempotencyKey: string | null;
  /** The input whose code makes it. */
  parent: { callId: string; index: number } | null;
  /** Whose rate it counts against; null for none. */
  rateKey: string | null;
}

/** What the intake needs of its engine. */
export interface IntakeEngine {
  readonly record: FunctionRecord;
  readonly calls: CallTable;
  readonly reader: FactReader;
  readonly admission: Admission;
  readonly meter: FunctionMeter;
  now(): number;
  feed(events: CoreEvent[]): void;
  append(fact: Fact, committed?: () => void, rejected?: (error: unknown) => void): void;
  /** Whether a call is running, of this function or of another. */
  isOpen(callId: string): boolean;
  committed(): Promise<void>;
  /** @throws when the engine takes no calls any more. */
  assertOpen(): void;
}

/** Of what is said of a call: it is in Postgres, or can never be. */
export interface Settled {
  stored(): void;
  refused(error: BellowsError): void;
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
   * A call from a client: known from now on.
   * @throws ConflictError when the id is open already, InvalidError when the function is not called like that,
   * LimitExceededError.
   */
  open(call: NewCall, settled: Settled): LiveCallEntry {
    const { callId, kind, idempotencyKey, parent } = call;
    const { calls, record, admission } = this.#engine;
    this.#engine.assertOpen();
    assertCalledWith(record, kind);
    if (this.#engine.isOpen(callId))
      throw new ConflictError(`call ${callId} exists already; make a new id for a new call`);
    const announced = announcedBy(call);
    admission.admitCall(call, announced);
    const entry = calls.open({ callId, kind, announced }, this.#engine.now());
    const { functionId, environmentId } = record;
    this.#engine.append(
      { type: "callOpened", callId, functionId, environmentId, kind, idempotencyKey, inputCount: null, parent },
      () => {
        if (idempotencyKey !== null) this.#keys.stored(idempotencyKey);
        settled.stored();
      },
      (error) => {
        if (idempotencyKey !== null) this.#keys.stored(idempotencyKey);
        this.#spoil(entry, error, settled);
      },
    );
    this.#engine.feed([
      { type: "callOpened", callId, kind, inputCount: null, storedCount: 0, counts: NO_COUNTS, parent },
    ]);
    return entry;
  }

  /** The call that a key made within its day; without one, `open` is called and the id is the new call's. */
  callOfKey(key: string, callId: string, open: () => void): Promise<string> {
    return this.#keys.callOf(key, callId, open);
  }

  /** Calls of an earlier orchestrator process, as their facts say. Nobody is there for them until their clients are back. */
  recover(calls: readonly UnfinishedCall[]): void {
    const events = calls.flatMap((call): CoreEvent[] => {
      const entry = this.#engine.calls.restore(call, this.#engine.now());
      entry.cancelled = call.cancelAsked;
      return comesBack(call, call.cancelAsked);
    });
    if (events.length > 0) this.#engine.feed(events);
  }

  /** A finished call of which some inputs are to run again. @throws ConflictError, LimitExceededError. */
  retry(call: UnfinishedCall & { state: CallState }, refused: (error: BellowsError) => void): void {
    const { callId } = call;
    this.#engine.assertOpen();
    if (this.#engine.calls.get(callId)) throw new ConflictError(`call ${callId} is being retried already`);
    this.#engine.admission.admitRetried(call.counts.failed + call.counts.cancelled);
    const counts = { ...NO_COUNTS, succeeded: call.counts.succeeded };
    const again: UnfinishedCall = { ...call, inputCount: call.inputCount ?? call.storedCount, counts };
    const entry = this.#engine.calls.restore(again, this.#engine.now());
    this.#engine.append(
      { type: "callRetried", callId },
      () => {
        this.#engine.meter.arrived(call.counts.failed + call.counts.cancelled, this.#engine.now());
        this.#engine.feed(comesBack(again, entry.cancelled));
      },
      (error) => {
        // It stays finished, as it is stored.
        const { state, inputCount, storedCount } = call;
        this.#engine.calls.finish(callId, { state, inputCount: inputCount ?? storedCount, counts: call.counts });
        refused(refusedByPostgres(callId, error));
      },
    );
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
   * The client of a call from before this process is back. What it had announced was found admissible then, and is not
   * refused now, whatever came in meanwhile.
   */
  resume(entry: LiveCallEntry, inputCount: number | null): void {
    if (entry.fresh || entry.closed) return;
    this.#engine.calls.announce(entry, announcedBy({ kind: entry.kind, inputCount }));
  }

  /**
   * The next inputs of a call; the caller has asked `admission` for them.
   * @throws CancelledError, ConflictError when the call takes no more.
   */
  add(entry: LiveCallEntry, values: Uint8Array[], settled: Settled): void {
    const { callId, sync } = entry;
    this.assertTakes(entry);
    const firstIndex = entry.received;
    const keep = sync || this.#engine.calls.keepInMemory(entry, values);
    this.#engine.calls.received(entry, values.length);
    this.#engine.meter.arrived(values.length, this.#engine.now());
    const arrived = (): void => {
      entry.arrived += values.length;
      this.#engine.feed([
        keep
          ? { type: "inputsArrived", callId, inputs: arrivedInputs(firstIndex, values) }
          : { type: "inputsStored", callId, count: values.length },
      ]);
    };
    this.#engine.append(
      { type: "inputs", callId, firstIndex, values },
      () => {
        if (!sync) arrived();
        settled.stored();
      },
      (error) => this.#spoil(entry, error, settled),
    );
    if (sync) arrived();
  }

  /** @throws CancelledError, ConflictError when the call takes no more inputs. */
  assertTakes({ callId, cancelled, closed }: LiveCallEntry): void {
    this.#engine.assertOpen();
    if (cancelled) throw new CancelledError(`call ${callId} was cancelled`);
    if (closed) throw new ConflictError(`call ${callId} takes no more inputs: it was closed`);
  }

  /** No more inputs will come. Closing again changes nothing. */
  close(entry: LiveCallEntry): void {
    if (entry.closed) return;
    this.#engine.calls.close(entry);
    const { callId, sync, received: inputCount } = entry;
    const closed = (): void => {
      if (!entry.spoiled) this.#engine.feed([{ type: "callClosed", callId, inputCount }]);
    };
    this.#engine.append({ type: "callClosed", callId, inputCount }, sync ? undefined : closed);
    if (sync) closed();
  }

  /** Something of the call can never be stored: nothing more of it is taken, what has arrived ends, and its client is told. */
  #spoil(entry: LiveCallEntry, error: unknown, { refused }: Settled): void {
    const { callId, arrived: inputCount } = entry;
    if (!entry.spoiled) {
      entry.spoiled = true;
      entry.cancelled = true;
      this.#engine.calls.close(entry);
      this.#engine.feed([
        { type: "callClosed", callId, inputCount },
        { type: "callCancelled", callId, terminateContainers: false },
      ]);
    }
    refused(refusedByPostgres(callId, error));
  }

  /**
   * Nothing of the call runs from now on, however much waits for Postgres. Inputs that are still on their way there end
   * as soon as the core hears of them: it is told how many there will have been.
   */
  cancel(callId: string, options: { terminateContainers: boolean }): void {
    const { calls } = this.#engine;
    const entry = calls.get(callId);
    if (!entry) return;
    const { received: inputCount } = entry;
    if (!entry.closed) {
      calls.close(entry);
      this.#engine.append({ type: "callClosed", callId, inputCount });
    }
    if (!entry.cancelled) {
      entry.cancelled = true;
      this.#engine.append({ type: "callCancelAsked", callId, atMs: this.#engine.now() });
    }
    this.#engine.feed([
      { type: "callClosed", callId, inputCount },
      { type: "callCancelled", callId, ...options },
    ]);
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

/** @throws InvalidError saying how the function is called. */
function assertCalledWith({ name, settings }: FunctionRecord, kind: CallKind): void {
  const verbs: readonly CallKind[] = FUNCTION_KINDS[settings.kind].calledWith;
  if (verbs.includes(kind)) return;
  const ways = verbs.map((verb) => `\`${verb}\``).join(", ");
  throw new InvalidError(`"${name}" is a ${settings.kind}: it cannot be called with \`${kind}\`; use ${ways}`);
}

function refusedByPostgres(callId: string, error: unknown): ConflictError {
  return new ConflictError(
    `call ${callId} cannot be stored: ${errorData(error).message}; make a new call with a new id`,
  );
}

/** A map slows down instead of being announced; a single call has one input. */
function announcedBy({ kind, inputCount }: Pick<NewCall, "kind" | "inputCount">): number {
  if (!CALL_KINDS[kind].manyInputs) return 1;
  return CALL_KINDS[kind].queueClass === "sync" ? 0 : (inputCount ?? 0);
}

/**
 * What the core is told of a call that is found in Postgres. Containers that were to end at once for its cancel were told
 * so before; one that was not, because this process was killed in that moment, gives its attempts their grace.
 */
function comesBack(call: UnfinishedCall, cancelled: boolean): CoreEvent[] {
  const { callId, kind, storedCount, counts, parent } = call;
  // A call is closed after its last input is stored; one that lacks some can never have them.
  const inputCount = call.inputCount === null ? null : Math.min(call.inputCount, storedCount);
  const opened: CoreEvent = { type: "callOpened", callId, kind, inputCount, storedCount, counts, parent };
  return cancelled ? [opened, { type: "callCancelled", callId, terminateContainers: false }] : [opened];
}

function arrivedInputs(firstIndex: number, values: readonly Uint8Array[]) {
  return values.map((value, offset) => ({
    index: firstIndex + offset,
    value,
    failedAttempts: 0,
    lostAttempts: 0,
    lastAttempt: 0,
  }));
}
