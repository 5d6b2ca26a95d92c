/**
 * The connection below a link: it connects when first needed, gathers the frames of one turn of the event loop into
 * one message, reconnects by itself with a growing pause, and gives up after a while. It keeps the process alive only
 * while something is waited for. What is said over it, and again after a cut, is its speaker's.
 */
import type { ClientFrame, ServerFrame } from "@bellows/protocol/client-frames";
import { serverFrameSchema } from "@bellows/protocol/client-frames";
import type { BellowsError } from "@bellows/protocol/errors";
import { ConnectionError } from "@bellows/protocol/errors";
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import { LIMITS } from "@bellows/protocol/limits";
import { tellLinkState } from "@bellows/protocol/link-state";
import * as z from "zod/mini";
import { backoffMs } from "./backoff.ts";
import type { LinkSocket } from "./link-socket.ts";
import { openLinkSocket } from "./link-socket.ts";

export interface LinkConnectionOptions {
  /** Of the orchestrator, `http://` or `https://`. */
  url: string;
  token: string;
  /** How long a program that was never connected keeps trying, in milliseconds. */
  firstConnectMs: number;
  /** How long calls wait for an orchestrator that has gone away, in milliseconds. */
  reconnectMs: number;
}

export interface LinkSpeaker {
  /** Something is waited for: the process must stay, and the connection be kept up. */
  awaited(): boolean;
  /** Something wants the connection kept up, whether or not the process stays. */
  wanted(): boolean;
  /** The frames due now; each is returned once. */
  take(): ClientFrame[];
  /** The connection is a new one: what the other side may have lost is due again. */
  relink(): void;
  receive(frame: ServerFrame): void;
  /** Nothing that is waited for will come. */
  failed(error: BellowsError): void;
}

const framesSchema = z.array(serverFrameSchema);

export class LinkConnection {
  readonly #options: LinkConnectionOptions;
  readonly #speaker: LinkSpeaker;
  #flushDue = false;
  #socket: LinkSocket | undefined;
  #connected = false;
  #everConnected = false;
  #failedAttempts = 0;
  #awaySinceMs = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LinkConnectionOptions, speaker: LinkSpeaker) {
    this.#options = options;
    this.#speaker = speaker;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Frames are due: they go with the others of this turn, or once there is a connection. */
  due(): void {
    if (this.#flushDue || !this.#connected) return;
    this.#flushDue = true;
    setImmediate(() => {
      this.#flushDue = false;
      this.flush();
    });
  }

  /** Connects if there is no connection and none on its way. */
  need(): void {
    if (this.#connected) return this.#socket?.keepAlive(this.#speaker.awaited());
    if (this.#socket || this.#retry) return;
    this.#awaySinceMs = Date.now();
    this.#failedAttempts = 0;
    this.#connect();
  }

  /** After something stopped being waited for: the process may end now. True when an attempt to connect was given up. */
  settle(): boolean {
    const awaited = this.#speaker.awaited();
    if (this.#connected) {
      this.#socket?.keepAlive(awaited);
      return false;
    }
    if (this.#speaker.wanted()) return false;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const given = this.#socket;
    this.#socket = undefined;
    void given?.close();
    return true;
  }

  /** Sends what is due now instead of at the end of the turn. */
  flush(): void {
    if (!this.#connected || this.#closed) return;
    for (const message of messagesOf(this.#speaker.take())) this.#socket?.send(encodeFrames(message));
  }

  /** Safe twice. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#socket?.close();
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
        this.#speaker.failed(error);
      },
    });
    this.#socket = socket;
  }

  #opened(): void {
    if (this.#everConnected) this.#tell("back");
    this.#connected = true;
    this.#everConnected = true;
    this.#failedAttempts = 0;
    this.#speaker.relink();
    this.flush();
    this.settle();
  }

  #lost(error: Error): void {
    const wasConnected = this.#connected;
    if (wasConnected) this.#awaySinceMs = Date.now();
    this.#socket = undefined;
    this.#connected = false;
    if (this.#closed || !this.#speaker.wanted()) return;
    if (wasConnected) this.#tell("lost");
    const patienceMs = this.#everConnected ? this.#options.reconnectMs : this.#options.firstConnectMs;
    const awayMs = Date.now() - this.#awaySinceMs;
    if (awayMs >= patienceMs) {
      this.#speaker.failed(unreachable(this.#options.url, error, awayMs, this.#everConnected));
      if (!this.#speaker.wanted()) return;
    }
    this.#failedAttempts += 1;
    this.#retry = setTimeout(() => this.#connect(), backoffMs(this.#failedAttempts, Math.random()));
    if (!this.#speaker.awaited()) this.#retry.unref();
  }

  #tell(state: "lost" | "back"): void {
    const { url, reconnectMs } = this.#options;
    tellLinkState({ state, url, patienceMs: reconnectMs });
  }

  #receive(bytes: Uint8Array): void {
    const parsed = framesSchema.safeParse(decodeFrames(bytes));
    if (!parsed.success) {
      const error = new ConnectionError(
        "the orchestrator sent what this version of the SDK does not understand; install the same version of both",
        { cause: parsed.error },
      );
      this.#speaker.failed(error);
      void this.#socket?.close();
      return;
    }
    for (const frame of parsed.data) this.#speaker.receive(frame);
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
    ? "calls of `spawn` and `spawnMap` go on; look at the orchestrator's log and start it again"
    : "start it with `npm start`, or set BELLOWS_URL to where it runs";
  return new ConnectionError(
    `the orchestrator at ${url} has not answered for ${seconds} s (${cause.message}); ${advice}`,
    { cause },
  );
}
