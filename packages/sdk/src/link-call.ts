/**
 * One call as its link sees it: what has to be sent, what is known to be stored, which outputs have come. Pure: the
 * link sends the frames that `take` returns, and after a cut tells `relink`, which makes everything due again that
 * the other side may have lost. So a call survives a cut at any moment, and an orchestrator that was killed.
 */
import type { ClientFrame, Pool, ServerFrame } from "@bellows/protocol/client-frames";
import type { BellowsError } from "@bellows/protocol/errors";
import type { CallKind, CallState } from "@bellows/protocol/states";
import { CALL_KINDS } from "@bellows/protocol/states";
import type { Chunk } from "./chunker.ts";
import { Chunker } from "./chunker.ts";
import { ReceivedIndexes } from "./received-indexes.ts";

/** The function a call is for. */
export interface CallTarget {
  environment: string;
  app: string;
  function: string;
  /** Of a class: the one that every input names. */
  method?: string | undefined;
  /** Left out or null for the function as it is deployed. */
  pool?: Pool | null | undefined;
}

/** What else is said of a call when it is opened. */
export interface CallTerms {
  /** How many inputs there will be, where that is known before they are read. */
  inputCount?: number | undefined;
  idempotencyKey?: string | undefined;
  /** The input whose code makes the call. */
  parent?: { callId: string; index: number } | undefined;
}

export type CallOutput = Extract<ServerFrame, { type: "outputs" }>["outputs"][number];

/** What a call's owner is told. After `finished` or `failed` nothing more comes. */
export interface CallListener {
  /** Outputs that had not come before, in order of arrival. */
  outputs(outputs: readonly CallOutput[]): void;
  /** The call exists; when the idempotency key had one already, this is its id. */
  opened?(existingCallId: string): void;
  /** Some more inputs are in Postgres. */
  storing?(storedCount: number): void;
  /** The call and all of its inputs are in Postgres. */
  stored?(): void;
  /** Values that a generator yielded, number `firstSeq` and on; they may have come before, or leave some out. */
  yields?(firstSeq: number, values: readonly Uint8Array[]): void;
  /** The call is over; inputs without an output will get none. */
  finished(state: CallState): void;
  failed(error: BellowsError): void;
}

/** What a link keeps of something it waits for, to speak for it. */
export interface LinkEntry {
  /** The frames due now; each is returned once. */
  take(): ClientFrame[];
  /** The connection is a new one: what the other side may have lost is due again. */
  relink(): void;
}

export class LinkCall implements LinkEntry {
  readonly callId: string;
  readonly kind: CallKind;
  readonly #target: CallTarget;
  readonly #terms: CallTerms;
  readonly #chunker = new Chunker();
  readonly #received = new ReceivedIndexes();
  /** Chunks that are not known to be stored, in order; the first `#sentChunks` of them were sent on this connection. */
  #unstored: Chunk[] = [];
  #sentChunks = 0;
  #storedCount = 0;
  #unstoredBytes = 0;
  #opened = false;
  #closed = false;
  /** The close of an async call is in Postgres. */
  #closeStored = false;
  #due = { open: true, close: false, watch: false };
  #everSent = false;
  /** A limit holds the call up: nothing is sent before `goOn`. */
  #heldUp = false;
  /** Of a `remoteGen`: how many values its caller has taken, and whether that has to be said. */
  #taken = 0;
  #takeDue: { resend: boolean } | undefined;

  constructor(callId: string, target: CallTarget, kind: CallKind, terms: CallTerms = {}) {
    this.callId = callId;
    this.kind = kind;
    this.#target = target;
    this.#terms = terms;
  }

  /** Every output of every input has come. Values of a generator may still be under way then. */
  get answered(): boolean {
    return this.#closed && this.#received.count === this.#chunker.count && this.#chunker.count > 0;
  }

  /** The async call, all of its inputs and how many they are: all of it is in Postgres. */
  get stored(): boolean {
    return this.#opened && this.#closeStored && this.#storedCount === this.#chunker.count;
  }

  /** Inputs that are in Postgres. */
  get storedCount(): number {
    return this.#storedCount;
  }

  /** What is kept here until it is stored. */
  get unstored(): { inputs: number; bytes: number } {
    return { inputs: this.#chunker.count - this.#storedCount, bytes: this.#unstoredBytes };
  }

  /** Adds an input, the encoded array of its arguments, and returns its index. */
  add(value: Uint8Array): number {
    this.#unstoredBytes += value.byteLength;
    return this.#chunker.add(value);
  }

  /** No more inputs will come. */
  close(): void {
    this.#closed = true;
    this.#due.close = true;
  }

  take(): ClientFrame[] {
    const frames: ClientFrame[] = [];
    const { callId } = this;
    this.#unstored.push(...this.#chunker.take());
    if (!this.#heldUp) {
      if (this.#due.open) frames.push(this.#openFrame());
      for (const { firstIndex, values } of this.#unstored.slice(this.#sentChunks)) {
        frames.push({ type: "inputs", callId, firstIndex, values });
      }
      this.#sentChunks = this.#unstored.length;
      if (this.#due.close) frames.push({ type: "close", callId, inputCount: this.#chunker.count });
      this.#due.open = false;
      this.#due.close = false;
    }
    if (this.#due.watch) frames.push({ type: "watch", callId, fromIndex: this.#received.lowestMissing });
    this.#due.watch = false;
    if (this.#takeDue) frames.push({ type: "take", callId, received: this.#taken, resend: this.#takeDue.resend });
    this.#takeDue = undefined;
    return frames;
  }

  relink(): void {
    this.#sentChunks = 0;
    this.#heldUp = false;
    this.#due = {
      open: true,
      close: this.#closed,
      // Outputs of a sync call belong to the link that opened it, which is gone.
      watch: this.#everSent && CALL_KINDS[this.kind].queueClass === "sync",
    };
    if (this.kind === "remoteGen" && this.#everSent) this.#takeDue = { resend: true };
  }

  /** The outputs among these that had not come before. */
  fresh(outputs: readonly CallOutput[]): readonly CallOutput[] {
    return outputs.filter(([index]) => this.#received.add(index));
  }

  receivedOpened(): void {
    this.#opened = true;
  }

  receivedClosed(): void {
    this.#closeStored = this.#closed;
  }

  /** Inputs are stored in order. */
  receivedStored(firstIndex: number, count: number): void {
    if (firstIndex > this.#storedCount) return;
    this.#storedCount = Math.max(this.#storedCount, firstIndex + count);
    const unstoredFrom = this.#unstored.findIndex((c) => c.firstIndex + c.values.length > this.#storedCount);
    const dropped = this.#unstored.splice(0, unstoredFrom < 0 ? this.#unstored.length : unstoredFrom);
    for (const { values } of dropped) for (const value of values) this.#unstoredBytes -= value.byteLength;
    this.#sentChunks = Math.max(0, this.#sentChunks - dropped.length);
  }

  /**
   * A limit holds the call up: the inputs from `fromIndex` on were not taken, or, when it is null, the call was not
   * opened. They are due again after `goOn`.
   */
  receivedLater(fromIndex: number | null): void {
    this.#heldUp = true;
    if (fromIndex === null) {
      this.#due.open = true;
      this.#everSent = false;
    }
    const from = fromIndex ?? 0;
    const notTaken = this.#unstored.findIndex((chunk) => chunk.firstIndex + chunk.values.length > from);
    if (notTaken >= 0) this.#sentChunks = Math.min(this.#sentChunks, this.#splitAt(notTaken, from));
    this.#due.close = this.#closed;
  }

  /** Cuts the chunk so that one begins at this input, and returns which: what was taken of it does not go again. */
  #splitAt(position: number, from: number): number {
    const chunk = this.#unstored[position];
    if (!chunk || chunk.firstIndex >= from) return position;
    const { firstIndex, values } = chunk;
    const taken = { firstIndex, values: values.slice(0, from - firstIndex) };
    this.#unstored.splice(position, 1, taken, { firstIndex: from, values: values.slice(from - firstIndex) });
    return position + 1;
  }

  /** The time that a limit asked for has passed. False when nothing was held up. */
  goOn(): boolean {
    const was = this.#heldUp;
    this.#heldUp = false;
    return was;
  }

  /** Of a `remoteGen`: says that so many values were taken. `resend`: some after them were lost on the way. */
  taken(count: number, resend: boolean): void {
    this.#taken = count;
    this.#takeDue = { resend: resend || (this.#takeDue?.resend ?? false) };
  }

  #openFrame(): ClientFrame {
    const { environment, app, function: name, method, pool } = this.#target;
    const resume = this.#everSent;
    this.#everSent = true;
    return {
      type: "open",
      callId: this.callId,
      environment,
      app,
      function: name,
      ...(method === undefined ? {} : { method }),
      pool: pool ?? null,
      kind: this.kind,
      inputCount: this.#terms.inputCount ?? null,
      idempotencyKey: this.#terms.idempotencyKey ?? null,
      parent: this.#terms.parent ?? null,
      resume,
    };
  }
}
