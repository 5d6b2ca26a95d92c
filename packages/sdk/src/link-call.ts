/**
 * One call as its link sees it: what has to be sent, what is known to be stored, which outputs have come. Pure: the
 * link sends the frames that `take` returns, and after a cut tells `relink`, which makes everything due again that
 * the other side may have lost. So a call survives a cut at any moment, and an orchestrator that was killed.
 */

import type { ClientFrame, ServerFrame } from "@bellows/protocol/client-frames";
import type { CallKind } from "@bellows/protocol/states";
import { CALL_KINDS } from "@bellows/protocol/states";
import type { Chunk } from "./chunker.ts";
import { Chunker } from "./chunker.ts";
import { ReceivedIndexes } from "./received-indexes.ts";

/** The function a call is for. */
export interface CallTarget {
  environment: string;
  app: string;
  function: string;
}

export type CallOutput = Extract<ServerFrame, { type: "outputs" }>["outputs"][number];

/** What a link keeps of a call, opened or watched, to speak for it. */
export interface LinkEntry {
  readonly callId: string;
  /** The frames due now; each is returned once. */
  take(): ClientFrame[];
  /** The connection is a new one: what the other side may have lost is due again. */
  relink(): void;
  /** The outputs among these that had not come before. */
  fresh(outputs: readonly CallOutput[]): readonly CallOutput[];
}

export class LinkCall implements LinkEntry {
  readonly callId: string;
  readonly #target: CallTarget;
  readonly #kind: CallKind;
  readonly #chunker = new Chunker();
  readonly #received = new ReceivedIndexes();
  /** Chunks that are not known to be stored, in order; the first `#sentChunks` of them were sent on this connection. */
  #unstored: Chunk[] = [];
  #sentChunks = 0;
  #storedCount = 0;
  #opened = false;
  #closed = false;
  #due = { open: true, close: false, watch: false };
  #everSent = false;

  constructor(callId: string, target: CallTarget, kind: CallKind) {
    this.callId = callId;
    this.#target = target;
    this.#kind = kind;
  }

  /** Inputs added so far. */
  get inputCount(): number {
    return this.#chunker.count;
  }

  /** Every output of every input has come. */
  get answered(): boolean {
    return this.#closed && this.#received.count === this.#chunker.count && this.#chunker.count > 0;
  }

  /** The call and all of its inputs are in Postgres. */
  get stored(): boolean {
    return this.#opened && this.#closed && this.#storedCount === this.#chunker.count;
  }

  /** Adds an input, the encoded array of its arguments, and returns its index. */
  add(value: Uint8Array): number {
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
    if (this.#due.open) {
      frames.push({
        type: "open",
        callId,
        ...this.#target,
        pool: null,
        kind: this.#kind,
        inputCount: null,
        idempotencyKey: null,
        parent: null,
        resume: this.#everSent,
      });
      this.#everSent = true;
    }
    this.#unstored.push(...this.#chunker.take());
    for (const { firstIndex, values } of this.#unstored.slice(this.#sentChunks)) {
      frames.push({ type: "inputs", callId, firstIndex, values });
    }
    this.#sentChunks = this.#unstored.length;
    if (this.#due.close) frames.push({ type: "close", callId, inputCount: this.#chunker.count });
    if (this.#due.watch) frames.push({ type: "watch", callId, fromIndex: this.#received.lowestMissing });
    this.#due = { open: false, close: false, watch: false };
    return frames;
  }

  relink(): void {
    this.#sentChunks = 0;
    this.#due = {
      open: true,
      close: this.#closed,
      // Outputs of a sync call belong to the link that opened it, which is gone.
      watch: this.#everSent && CALL_KINDS[this.#kind].queueClass === "sync",
    };
  }

  fresh(outputs: readonly CallOutput[]): readonly CallOutput[] {
    return outputs.filter(([index]) => this.#received.add(index));
  }

  receivedOpened(): void {
    this.#opened = true;
  }

  /** Chunks are stored in order, each as a whole. */
  receivedStored(firstIndex: number, count: number): void {
    if (firstIndex > this.#storedCount) return;
    this.#storedCount = Math.max(this.#storedCount, firstIndex + count);
    const unstoredFrom = this.#unstored.findIndex((c) => c.firstIndex + c.values.length > this.#storedCount);
    const dropped = unstoredFrom < 0 ? this.#unstored.length : unstoredFrom;
    if (dropped === 0) return;
    this.#unstored.splice(0, dropped);
    this.#sentChunks = Math.max(0, this.#sentChunks - dropped);
  }
}

/** The outputs of a call that exists already, from an index on. */
export class LinkWatch implements LinkEntry {
  readonly callId: string;
  readonly #received: ReceivedIndexes;
  #due = true;

  constructor(callId: string, fromIndex: number) {
    this.callId = callId;
    this.#received = new ReceivedIndexes(fromIndex);
  }

  take(): ClientFrame[] {
    if (!this.#due) return [];
    this.#due = false;
    return [{ type: "watch", callId: this.callId, fromIndex: this.#received.lowestMissing }];
  }

  relink(): void {
    this.#due = true;
  }

  fresh(outputs: readonly CallOutput[]): readonly CallOutput[] {
    return outputs.filter(([index]) => this.#received.add(index));
  }
}
