/**
 * The client's end of the link: one WebSocket for all calls of this process to one orchestrator. It knows what is
 * waited for, tells each frame to whom it concerns, and after a cut says again what may have been lost; so calls, reads
 * and streams survive a cut and an orchestrator that was killed.
 */
import type { ClientFrame, ServerFrame } from "@bellows/protocol/client-frames";
import type { BellowsError } from "@bellows/protocol/errors";
import { CancelledError, ConnectionError, errorFromData } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import type { CallKind } from "@bellows/protocol/states";
import { HoldUps } from "./hold-ups.ts";
import type { CallListener, CallOutput, CallTarget, CallTerms, LinkEntry } from "./link-call.ts";
import { LinkCall } from "./link-call.ts";
import { LinkConnection } from "./link-connection.ts";
import type { ReadQuestion } from "./link-read.ts";
import type { ReadListener } from "./pending-reads.ts";
import { PendingReads } from "./pending-reads.ts";

/** A call opened on the link, for whoever feeds it. */
export interface OpenCall {
  readonly callId: string;
  /** Adds an input, the encoded array of its arguments, and returns its index. */
  send(value: Uint8Array): number;
  /** What is kept here until it is stored. */
  unstored(): { inputs: number; bytes: number };
  /** Of a `remoteGen`: so many of its values were taken. `resend`: some after them are missing. */
  taken(count: number, resend: boolean): void;
  /** No more inputs will come. */
  close(): void;
  /** Cancels what has no output yet and stops listening. */
  cancel(): void;
  /** Stops listening; the call goes on. */
  leave(): void;
}

type LogLines = Extract<ServerFrame, { type: "logs" }>["lines"];

export interface ClientLinkOptions {
  /** Of the orchestrator, `http://` or `https://`. */
  url: string;
  token: string;
  /** How long a program that was never connected keeps trying, in milliseconds. */
  firstConnectMs?: number;
  /** How long calls wait for an orchestrator that has gone away, in milliseconds. */
  reconnectMs?: number;
}

const FIRST_CONNECT_MS = 3_000;
const RECONNECT_MS = 5 * 60_000;

export class ClientLink {
  readonly #connection: LinkConnection;
  readonly #calls = new Map<string, { entry: LinkCall; listener: CallListener }>();
  readonly #reads = new PendingReads();
  readonly #holds = new Set<string>();
  readonly #logs = new Map<string, (lines: LogLines) => void>();
  readonly #dirty = new Set<LinkEntry>();
  readonly #holdUps = new HoldUps((entry) => {
    if (entry.goOn()) this.#entryDue(entry);
  });
  /** Frames that belong to no entry: sent once, after those of the entries. */
  #loose: ClientFrame[] = [];
  #closed = false;

  constructor(options: ClientLinkOptions) {
    const patience = { firstConnectMs: FIRST_CONNECT_MS, reconnectMs: RECONNECT_MS, ...options };
    this.#connection = new LinkConnection(patience, {
      awaited: () => this.#awaited,
      wanted: () => this.#awaited || this.#holds.size > 0,
      take: () => this.#take(),
      relink: () => this.#relink(),
      receive: (frame) => this.#dispatch(frame),
      failed: (error) => this.#failAll(error),
    });
  }

  /** Opens a call. The function is looked up by the orchestrator: a wrong name is told to `failed`. */
  open(target: CallTarget, kind: CallKind, listener: CallListener, terms: CallTerms = {}): OpenCall {
    this.#assertUsable();
    const entry = new LinkCall(newId(), target, kind, terms);
    const { callId } = entry;
    this.#calls.set(callId, { entry, listener });
    this.#entryDue(entry);
    const feed = <T>(change: () => T): T => {
      const result = change();
      if (this.#calls.has(callId)) this.#entryDue(entry);
      return result;
    };
    return {
      callId,
      send: (value) => feed(() => entry.add(value)),
      unstored: () => entry.unstored,
      taken: (count, resend) => feed(() => entry.taken(count, resend)),
      close: () => {
        feed(() => entry.close());
        if (entry.answered) this.#forget(callId);
      },
      cancel: () => {
        if (!this.#calls.has(callId)) return;
        this.#forget(callId);
        this.#looseDue({ type: "cancel", callId, terminateContainers: false });
      },
      leave: () => this.#forget(callId),
    };
  }

  /** Asks for outputs of a call that exists, in order. Returns what stops the asking. */
  read(question: ReadQuestion, listener: ReadListener): () => void {
    this.#assertUsable();
    const entry = this.#reads.add(question, listener);
    this.#entryDue(entry);
    return () => {
      if (!this.#reads.remove(entry)) return;
      this.#dirty.delete(entry);
      if (entry.asked && this.#connection.connected) this.#looseDue({ type: "unread", requestId: entry.requestId });
      this.#settle();
    };
  }

  /** Keeps an ephemeral app alive for as long as this link lives. It does not keep the process alive. */
  hold(appId: string): void {
    this.#assertUsable();
    this.#holds.add(appId);
    this.#looseDue({ type: "hold", appId });
    this.#connection.need();
  }

  /** Gets the log lines of an app from now on. Returns what stops it. */
  followLogs(appId: string, listener: (lines: LogLines) => void): () => void {
    this.#assertUsable();
    this.#logs.set(appId, listener);
    this.#looseDue({ type: "followLogs", appId });
    this.#connection.need();
    return () => {
      this.#logs.delete(appId);
      this.#settle();
    };
  }

  /** Ends the link; calls still waited for fail. Safe twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.flush();
    this.#holds.clear();
    this.#logs.clear();
    this.#failAll(new CancelledError("the link was closed while the call was waited for"));
    await this.#connection.close();
  }

  /** Something is waited for: the process must stay. */
  get #awaited(): boolean {
    return this.#calls.size > 0 || this.#reads.size > 0 || this.#logs.size > 0;
  }

  #assertUsable(): void {
    if (this.#closed) throw new ConnectionError("the connection was closed by `close()`; make a new client");
  }

  #entryDue(entry: LinkEntry): void {
    this.#dirty.add(entry);
    this.#connection.need();
    this.#connection.due();
  }

  #looseDue(frame: ClientFrame): void {
    this.#loose.push(frame);
    this.#connection.due();
  }

  #take(): ClientFrame[] {
    const frames: ClientFrame[] = [];
    for (const entry of this.#dirty) frames.push(...entry.take());
    this.#dirty.clear();
    frames.push(...this.#loose);
    this.#loose = [];
    return frames;
  }

  #relink(): void {
    const kept = this.#loose.filter(({ type }) => type !== "hold" && type !== "followLogs" && type !== "unread");
    this.#loose = [
      ...[...this.#holds].map((appId): ClientFrame => ({ type: "hold", appId })),
      ...[...this.#logs.keys()].map((appId): ClientFrame => ({ type: "followLogs", appId })),
      ...kept,
    ];
    this.#dirty.clear();
    for (const entry of [...[...this.#calls.values()].map((call) => call.entry), ...this.#reads.entries()]) {
      entry.relink();
      this.#dirty.add(entry);
    }
  }

  /** After something stopped being waited for: the process may end now. */
  #settle(): void {
    if (this.#connection.settle()) this.#loose = [];
  }

  #dispatch(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        return;
      case "opened":
        return this.#opened(frame.callId, frame.existingCallId);
      case "stored":
        this.#calls.get(frame.callId)?.entry.receivedStored(frame.firstIndex, frame.count);
        return this.#tellStored(frame.callId);
      case "closed":
        this.#calls.get(frame.callId)?.entry.receivedClosed();
        return this.#tellStored(frame.callId);
      case "later":
        return this.#holdUp(frame.callId, frame.fromIndex, frame.retryAfterMs);
      case "refused":
        return this.#end(frame.callId, (listener) => listener.failed(errorFromData(frame.error)));
      case "outputs":
        return this.#outputs(frame.callId, frame.outputs);
      case "yields":
        return this.#calls.get(frame.callId)?.listener.yields?.(frame.firstSeq, frame.values);
      case "finished":
        // A generator's last values may still be under way after a cut; its caller leaves when it has them.
        if (this.#awaitsYields(frame.callId)) return;
        return this.#end(frame.callId, (listener) => listener.finished(frame.state));
      case "page":
        this.#reads.answer(frame.requestId, frame);
        return this.#settle();
      case "readFailed":
        this.#reads.fail(frame.requestId, errorFromData(frame.error));
        return this.#settle();
      case "logs":
        return this.#logs.get(frame.appId)?.(frame.lines);
      default:
        frame satisfies never;
    }
  }

  #opened(callId: string, existingCallId: string): void {
    const call = this.#calls.get(callId);
    call?.entry.receivedOpened();
    call?.listener.opened?.(existingCallId);
    this.#tellStored(callId);
  }

  #tellStored(callId: string): void {
    const call = this.#calls.get(callId);
    call?.listener.storing?.(call.entry.storedCount);
    if (call?.entry.stored) call.listener.stored?.();
  }

  /** A limit holds the call up. */
  #holdUp(callId: string, fromIndex: number | null, retryAfterMs: number): void {
    const entry = this.#calls.get(callId)?.entry;
    if (!entry) return;
    entry.receivedLater(fromIndex);
    this.#holdUps.hold(entry, fromIndex, retryAfterMs);
  }

  #outputs(callId: string, outputs: readonly CallOutput[]): void {
    const call = this.#calls.get(callId);
    if (!call) return;
    const fresh = call.entry.fresh(outputs);
    this.#holdUps.room(call.entry);
    if (call.entry.answered && !this.#awaitsYields(callId)) this.#forget(callId);
    if (fresh.length > 0) call.listener.outputs(fresh);
  }

  /** The output of a generator says how many values there are; they may come after it. */
  #awaitsYields(callId: string): boolean {
    const entry = this.#calls.get(callId)?.entry;
    return entry?.kind === "remoteGen" && entry.answered;
  }

  #end(callId: string, tell: (listener: CallListener) => void): void {
    const ended = this.#calls.get(callId);
    this.#forget(callId);
    if (ended) tell(ended.listener);
  }

  #forget(callId: string): void {
    const call = this.#calls.get(callId);
    if (!call) return this.#settle();
    this.#calls.delete(callId);
    this.#holdUps.forget(call.entry);
    // Its last frames (that it is closed, say) still have to go.
    if (this.#dirty.delete(call.entry) && this.#connection.connected) this.#loose.push(...call.entry.take());
    this.#settle();
  }

  #failAll(error: BellowsError): void {
    const failed = [...this.#calls.values()];
    this.#holdUps.clear();
    this.#calls.clear();
    this.#dirty.clear();
    for (const { listener } of failed) listener.failed(error);
    this.#reads.failAll(error);
    this.#settle();
  }
}
