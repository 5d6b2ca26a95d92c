/**
 * The client's end of the link: one WebSocket for all calls of this process to one orchestrator. It connects when
 * first needed, gathers the frames of one turn of the event loop into one message, reconnects by itself and then
 * sends again what may have been lost; so calls survive a cut and an orchestrator that was killed. It keeps the
 * process alive only while a call is waited for.
 */
import type { ClientFrame, ServerFrame } from "@bellows/protocol/client-frames";
import { serverFrameSchema } from "@bellows/protocol/client-frames";
import type { BellowsError } from "@bellows/protocol/errors";
import { CancelledError, ConnectionError, errorFromData } from "@bellows/protocol/errors";
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import type { CallKind, CallState } from "@bellows/protocol/states";
import * as z from "zod/mini";
import { backoffMs } from "./backoff.ts";
import type { CallOutput, CallTarget, LinkEntry } from "./link-call.ts";
import { LinkCall, LinkWatch } from "./link-call.ts";
import type { LinkSocket } from "./link-socket.ts";
import { openLinkSocket } from "./link-socket.ts";

/** What a call's owner is told. After `finished` or `failed` nothing more comes. */
export interface CallListener {
  /** Outputs that had not come before, in order of arrival. */
  outputs(outputs: readonly CallOutput[]): void;
  /** The call and all of its inputs are in Postgres. */
  stored?(): void;
  /** The call is over; inputs without an output will get none. */
  finished(state: CallState): void;
  failed(error: BellowsError): void;
}

/** A call opened on the link, for whoever feeds it. */
export interface OpenCall {
  readonly callId: string;
  /** Adds an input, the encoded array of its arguments, and returns its index. */
  send(value: Uint8Array): number;
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
const framesSchema = z.array(serverFrameSchema);

interface Listened<E extends LinkEntry> {
  entry: E;
  listener: CallListener;
}

export class ClientLink {
  readonly #options: Required<ClientLinkOptions>;
  readonly #calls = new Map<string, Listened<LinkCall>>();
  readonly #watches = new Map<string, Set<Listened<LinkWatch>>>();
  readonly #holds = new Set<string>();
  readonly #logs = new Map<string, (lines: LogLines) => void>();
  readonly #dirty = new Set<LinkEntry>();
  /** Frames that belong to no entry: sent once, after those of the entries. */
  #loose: ClientFrame[] = [];
  #flushDue = false;
  #socket: LinkSocket | undefined;
  #connected = false;
  #everConnected = false;
  #failedAttempts = 0;
  #awaySinceMs = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ClientLinkOptions) {
    this.#options = { firstConnectMs: FIRST_CONNECT_MS, reconnectMs: RECONNECT_MS, ...options };
  }

  /** Opens a call. The function is looked up by the orchestrator: a wrong name is told to `failed`. */
  open(target: CallTarget, kind: CallKind, listener: CallListener): OpenCall {
    this.#assertUsable();
    const entry = new LinkCall(newId(), target, kind);
    const { callId } = entry;
    this.#calls.set(callId, { entry, listener });
    this.#entryDue(entry);
    return {
      callId,
      send: (value) => {
        this.#entryDue(entry);
        return entry.add(value);
      },
      close: () => {
        entry.close();
        this.#entryDue(entry);
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

  /** Listens to a call that exists, from an input on. Returns what stops it. */
  watch(callId: string, fromIndex: number, listener: CallListener): () => void {
    this.#assertUsable();
    const watch = { entry: new LinkWatch(callId, fromIndex), listener };
    const others = this.#watches.get(callId);
    if (others) others.add(watch);
    else this.#watches.set(callId, new Set([watch]));
    this.#entryDue(watch.entry);
    return () => {
      if (this.#unlisten(watch)) this.#looseDue({ type: "unwatch", callId });
    };
  }

  /** Keeps an ephemeral app alive for as long as this link lives. It does not keep the process alive. */
  hold(appId: string): void {
    this.#assertUsable();
    this.#holds.add(appId);
    this.#looseDue({ type: "hold", appId });
    this.#need();
  }

  /** Gets the log lines of an app from now on. Returns what stops it. */
  followLogs(appId: string, listener: (lines: LogLines) => void): () => void {
    this.#assertUsable();
    this.#logs.set(appId, listener);
    this.#looseDue({ type: "followLogs", appId });
    this.#need();
    return () => {
      this.#logs.delete(appId);
      this.#settle();
    };
  }

  /** Ends the link; calls still waited for fail. Safe twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#connected) this.#flush();
    this.#closed = true;
    this.#holds.clear();
    this.#logs.clear();
    this.#failAll(new CancelledError("the link was closed while the call was waited for"));
    clearTimeout(this.#retry);
    await this.#socket?.close();
  }

  #entryDue(entry: LinkEntry): void {
    this.#dirty.add(entry);
    this.#need();
    this.#scheduleFlush();
  }

  #looseDue(frame: ClientFrame): void {
    this.#loose.push(frame);
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#flushDue || !this.#connected) return;
    this.#flushDue = true;
    setImmediate(() => {
      this.#flushDue = false;
      if (this.#connected) this.#flush();
    });
  }

  #flush(): void {
    const frames: ClientFrame[] = [];
    for (const entry of this.#dirty) frames.push(...entry.take());
    this.#dirty.clear();
    frames.push(...this.#loose);
    this.#loose = [];
    for (const message of messagesOf(frames)) this.#socket?.send(encodeFrames(message));
  }

  /** Connects if there is no connection and none on its way. */
  #need(): void {
    if (this.#connected) return this.#socket?.keepAlive(this.#awaited);
    if (this.#socket || this.#retry) return;
    this.#awaySinceMs = Date.now();
    this.#failedAttempts = 0;
    this.#connect();
  }

  #assertUsable(): void {
    if (this.#closed) throw new ConnectionError("the connection was closed by `close()`; make a new client");
  }

  /** Something is waited for: the process must stay. */
  get #awaited(): boolean {
    return this.#calls.size > 0 || this.#watches.size > 0 || this.#logs.size > 0;
  }

  #connect(): void {
    this.#retry = undefined;
    const socket: LinkSocket = openLinkSocket(this.#options, {
      opened: () => this.#opened(),
      message: (bytes) => this.#receive(bytes),
      closed: (error) => {
        // An attempt that was given up says so late; by then there may be a newer one.
        if (this.#socket === socket) this.#lost(error);
      },
      refused: (error) => {
        if (this.#socket !== socket) return;
        this.#socket = undefined;
        this.#connected = false;
        this.#failAll(error);
      },
    });
    this.#socket = socket;
  }

  #opened(): void {
    this.#connected = true;
    this.#everConnected = true;
    this.#failedAttempts = 0;
    const kept = this.#loose.filter((frame) => frame.type !== "hold" && frame.type !== "followLogs");
    this.#loose = [
      ...[...this.#holds].map((appId): ClientFrame => ({ type: "hold", appId })),
      ...[...this.#logs.keys()].map((appId): ClientFrame => ({ type: "followLogs", appId })),
      ...kept,
    ];
    this.#dirty.clear();
    for (const { entry } of this.#entries()) {
      entry.relink();
      this.#dirty.add(entry);
    }
    this.#flush();
    this.#settle();
  }

  #lost(error: Error): void {
    if (this.#connected) this.#awaySinceMs = Date.now();
    this.#socket = undefined;
    this.#connected = false;
    if (this.#closed || (!this.#awaited && this.#holds.size === 0)) return;
    const patienceMs = this.#everConnected ? this.#options.reconnectMs : this.#options.firstConnectMs;
    const awayMs = Date.now() - this.#awaySinceMs;
    if (awayMs >= patienceMs) {
      this.#failAll(unreachable(this.#options.url, error, awayMs, this.#everConnected));
      if (this.#holds.size === 0 && this.#logs.size === 0) return;
    }
    this.#failedAttempts += 1;
    this.#retry = setTimeout(() => this.#connect(), backoffMs(this.#failedAttempts, Math.random()));
    if (!this.#awaited) this.#retry.unref();
  }

  /** After something stopped being waited for: the process may end now, and an attempt to connect may be given up. */
  #settle(): void {
    const awaited = this.#awaited;
    if (this.#connected) return this.#socket?.keepAlive(awaited);
    if (awaited || this.#holds.size > 0) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#loose = [];
    const given = this.#socket;
    this.#socket = undefined;
    void given?.close();
  }

  #receive(bytes: Uint8Array): void {
    const parsed = framesSchema.safeParse(decodeFrames(bytes));
    if (!parsed.success) {
      const error = new ConnectionError(
        "the orchestrator sent what this version of the SDK does not understand; install the same version of both",
        { cause: parsed.error },
      );
      this.#failAll(error);
      void this.#socket?.close();
      return;
    }
    for (const frame of parsed.data) this.#dispatch(frame);
  }

  #dispatch(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        return;
      case "opened":
        this.#calls.get(frame.callId)?.entry.receivedOpened();
        return this.#checkStored(frame.callId);
      case "stored":
        this.#calls.get(frame.callId)?.entry.receivedStored(frame.firstIndex, frame.count);
        return this.#checkStored(frame.callId);
      case "refused":
        return this.#end(frame.callId, (listener) => listener.failed(errorFromData(frame.error)));
      case "outputs":
        return this.#outputs(frame.callId, frame.outputs);
      case "finished":
        return this.#end(frame.callId, (listener) => listener.finished(frame.state));
      case "logs":
        return this.#logs.get(frame.appId)?.(frame.lines);
      default:
        frame satisfies never;
    }
  }

  #checkStored(callId: string): void {
    const call = this.#calls.get(callId);
    if (call?.entry.stored) call.listener.stored?.();
  }

  #outputs(callId: string, outputs: readonly CallOutput[]): void {
    const call = this.#calls.get(callId);
    if (call) {
      const fresh = call.entry.fresh(outputs);
      if (call.entry.answered) this.#forget(callId);
      if (fresh.length > 0) call.listener.outputs(fresh);
    }
    for (const { entry, listener } of this.#watches.get(callId) ?? []) {
      const fresh = entry.fresh(outputs);
      if (fresh.length > 0) listener.outputs(fresh);
    }
  }

  #end(callId: string, tell: (listener: CallListener) => void): void {
    const ended = [this.#calls.get(callId), ...(this.#watches.get(callId) ?? [])];
    this.#watches.delete(callId);
    this.#forget(callId);
    for (const listened of ended) if (listened) tell(listened.listener);
  }

  #forget(callId: string): void {
    const call = this.#calls.get(callId);
    if (!call) return this.#settle();
    this.#calls.delete(callId);
    // Its last frames (that it is closed, say) still have to go.
    if (this.#dirty.delete(call.entry) && this.#connected) this.#loose.push(...call.entry.take());
    this.#settle();
  }

  /** True when it was the last one on its call. */
  #unlisten(watch: Listened<LinkWatch>): boolean {
    const { callId } = watch.entry;
    const listeners = this.#watches.get(callId);
    if (!listeners?.delete(watch)) return false;
    this.#dirty.delete(watch.entry);
    if (listeners.size > 0) return false;
    this.#watches.delete(callId);
    this.#settle();
    return true;
  }

  *#entries(): Iterable<Listened<LinkEntry>> {
    yield* this.#calls.values();
    for (const listeners of this.#watches.values()) yield* listeners;
  }

  #failAll(error: BellowsError): void {
    const failed = [...this.#entries()];
    this.#calls.clear();
    this.#watches.clear();
    this.#dirty.clear();
    this.#settle();
    for (const { listener } of failed) listener.failed(error);
  }
}

/** Frames in messages of about a mebibyte, so that one long message does not hold up the others. */
function* messagesOf(frames: readonly ClientFrame[]): Iterable<ClientFrame[]> {
  let message: ClientFrame[] = [];
  let messageBytes = 0;
  for (const frame of frames) {
    message.push(frame);
    if (frame.type === "inputs") for (const value of frame.values) messageBytes += value.byteLength;
    if (messageBytes < LIMITS.chunkBytes) continue;
    yield message;
    message = [];
    messageBytes = 0;
  }
  if (message.length > 0) yield message;
}

function unreachable(url: string, cause: Error, awayMs: number, everConnected: boolean): ConnectionError {
  const seconds = Math.round(awayMs / 1_000);
  const advice = everConnected
    ? "calls of `spawn` go on; look at the orchestrator's log and start it again"
    : "start it with `npm start`, or set BELLOWS_URL to where it runs";
  return new ConnectionError(
    `the orchestrator at ${url} has not answered for ${seconds} s (${cause.message}); ${advice}`,
    { cause },
  );
}
