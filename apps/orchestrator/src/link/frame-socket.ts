/**
 * One end of a link on the orchestrator's side: whole frames out of a WebSocket and into it. The frames of one turn
 * of the event loop leave as one message, or as several when they are large; a peer that stops answering pings is cut off, so that a vanished host is
 * noticed within half a minute. Holds nothing that a reconnect would need: what matters is resent by the peer.
 */
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import type { WebSocket } from "ws";
import type { ZodType } from "zod";

const BEAT_MS = 5_000;
/** A peer that was silent for so many beats in a row is gone. */
const SILENT_BEATS = 5;
/** The close code for a peer that broke the protocol; it must not reconnect and repeat itself. */
const CLOSE_PROTOCOL_ERROR = 4400;
/** The close code for a container that no engine knows, or that was replaced by a newer link. */
export const CLOSE_UNKNOWN = 4404;
/** The close code for a defect of ours: the peer comes back. RFC 6455, section 7.4.1. */
export const CLOSE_INTERNAL_ERROR = 1011;
/** A message is not made larger than about this by adding a frame to it. */
const MESSAGE_BYTES = 16 * 1024 * 1024;
/** A sender that can wait does so while more bytes than this have not left. */
const ROOM_BYTES = 4 * 1024 * 1024;
/** With more than this a link is full. Enough for what a fast peer is sent in one turn. */
const FULL_BYTES = 16 * 1024 * 1024;

export interface FrameSocket<Out> {
  /** Queues a frame for the end of this turn. `bytes` is the size of the values in it. */
  send(frame: Out, bytes?: number): void;
  /** The frame queued last in this turn, so that a sender can add to it instead of queueing another. */
  last(): Out | undefined;
  /** Values of this size were added to the frame queued last. */
  grew(bytes: number): void;
  /** The peer does not take what is sent to it as fast as it comes: what can wait elsewhere should. */
  readonly isFull: boolean;
  /** Resolves when what was sent so far has left, but for a few mebibytes, or the link is gone. */
  room(): Promise<void>;
  close(code: number, reason: string): void;
  /** Lets go of the socket, which somebody else listens to from now on. */
  release(): void;
  /** Stops and resumes reading: back-pressure on the peer, which is told all the while that we are there. */
  pause(): void;
  resume(): void;
}

export interface FrameHandlers<In> {
  /** The frames of one message. */
  received: (frames: In[]) => void;
  /** Comes once, last. */
  closed: () => void;
  /** `received` threw: a defect, which ends this link and nothing else. */
  failed: (error: unknown) => void;
}

/** Speaks frames over an open socket. */
export function frameSocket<In, Out extends object>(
  socket: WebSocket,
  frames: ZodType<In[]>,
  handlers: FrameHandlers<In>,
): FrameSocket<Out> {
  let queued: Out[] = [];
  let queuedBytes = 0;
  let silentBeats = 0;
  let paused = false;
  let waiting: (() => void)[] = [];

  const heartbeat = setInterval(() => {
    // While we do not read we cannot hear the peer, and it cannot hear our answers to its pings.
    if (paused) return socket.pong();
    silentBeats += 1;
    if (silentBeats > SILENT_BEATS) return socket.terminate();
    socket.ping();
  }, BEAT_MS);

  socket.on("pong", () => {
    silentBeats = 0;
  });
  socket.on("message", (data: Buffer) => {
    silentBeats = 0;
    const parsed = frames.safeParse(decoded(data));
    if (!parsed.success) {
      return close(
        CLOSE_PROTOCOL_ERROR,
        `frame not understood: ${parsed.error.issues[0]?.message ?? "not MessagePack"}`,
      );
    }
    try {
      handlers.received(parsed.data);
    } catch (error) {
      handlers.failed(error);
      close(CLOSE_INTERNAL_ERROR, "internal error");
    }
  });
  socket.on("error", () => socket.terminate());
  socket.once("close", () => {
    clearInterval(heartbeat);
    roomAgain();
    handlers.closed();
  });

  function flush(): void {
    const batch = queued;
    queued = [];
    queuedBytes = 0;
    for (const message of messagesOf(batch)) {
      if (socket.readyState === socket.OPEN) socket.send(encodeFrames(message), sent);
    }
  }

  function sent(): void {
    if (waiting.length > 0 && socket.bufferedAmount <= ROOM_BYTES) roomAgain();
  }

  function roomAgain(): void {
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  }

  function close(code: number, reason: string): void {
    flush();
    socket.close(code, reason.slice(0, 120));
  }

  return {
    send(frame, bytes = 0) {
      queuedBytes += bytes;
      if (queued.push(frame) === 1) setImmediate(flush);
    },
    last: () => queued.at(-1),
    grew(bytes) {
      queuedBytes += bytes;
    },
    get isFull() {
      return socket.bufferedAmount + queuedBytes > FULL_BYTES;
    },
    room() {
      flush();
      if (socket.bufferedAmount <= ROOM_BYTES || socket.readyState !== socket.OPEN) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    close,
    release() {
      flush();
      clearInterval(heartbeat);
      roomAgain();
      for (const event of ["pong", "message", "error", "close"]) socket.removeAllListeners(event);
    },
    pause() {
      paused = true;
      socket.pause();
    },
    resume() {
      paused = false;
      silentBeats = 0;
      socket.resume();
    },
  };
}

/** Frames in their order, cut where a message would grow too large. */
function* messagesOf<Frame>(frames: readonly Frame[]): Iterable<readonly Frame[]> {
  let from = 0;
  let bytes = 0;
  for (const [at, frame] of frames.entries()) {
    const frameBytes = bytesIn(frame);
    if (at > from && bytes + frameBytes > MESSAGE_BYTES) {
      yield frames.slice(from, at);
      from = at;
      bytes = 0;
    }
    bytes += frameBytes;
  }
  if (from < frames.length) yield frames.slice(from);
}

/** Of the byte strings in a frame, which are all that can be large in it. */
function bytesIn(part: unknown): number {
  if (typeof part !== "object" || part === null) return 0;
  if (part instanceof Uint8Array) return part.byteLength;
  let bytes = 0;
  for (const inner of Object.values(part)) bytes += bytesIn(inner);
  return bytes;
}

function decoded(data: Buffer): unknown {
  try {
    return decodeFrames(data);
  } catch {
    return undefined;
  }
}
