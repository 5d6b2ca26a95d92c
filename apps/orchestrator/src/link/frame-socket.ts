/**
 * One end of a link on the orchestrator's side: whole frames out of a WebSocket and into it. The frames of one turn
 * of the event loop leave as one message; a peer that stops answering pings is cut off, so that a vanished host is
 * noticed within two heartbeats. Holds nothing that a reconnect would need: what matters is resent by the peer.
 */
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import type { WebSocket } from "ws";
import type { ZodType } from "zod";

const HEARTBEAT_MS = 15_000;
/** The close code for a peer that broke the protocol; it must not reconnect and repeat itself. */
const CLOSE_PROTOCOL_ERROR = 4400;
/** The close code for a container that no engine knows, or that was replaced by a newer link. */
export const CLOSE_UNKNOWN = 4404;

export interface FrameSocket<Out> {
  /** Queues a frame for the end of this turn. */
  send(frame: Out): void;
  /** The frame queued last in this turn, so that a sender can add to it instead of queueing another. */
  last(): Out | undefined;
  close(code: number, reason: string): void;
  /** Stops and resumes reading: back-pressure on the peer. */
  pause(): void;
  resume(): void;
}

/** Speaks frames over an open socket. `received` gets the frames of one message; `closed` comes once, last. */
export function frameSocket<In, Out extends object>(
  socket: WebSocket,
  frames: ZodType<In[]>,
  handlers: { received: (frames: In[]) => void; closed: () => void },
): FrameSocket<Out> {
  let queued: Out[] = [];
  let alive = true;

  const heartbeat = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, HEARTBEAT_MS);

  socket.on("pong", () => {
    alive = true;
  });
  socket.on("message", (data: Buffer) => {
    alive = true;
    const parsed = frames.safeParse(decoded(data));
    if (parsed.success) handlers.received(parsed.data);
    else close(CLOSE_PROTOCOL_ERROR, `frame not understood: ${parsed.error.issues[0]?.message ?? "not MessagePack"}`);
  });
  socket.on("error", () => socket.terminate());
  socket.once("close", () => {
    clearInterval(heartbeat);
    handlers.closed();
  });

  function flush(): void {
    const batch = queued;
    queued = [];
    if (batch.length > 0 && socket.readyState === socket.OPEN) socket.send(encodeFrames(batch));
  }

  function close(code: number, reason: string): void {
    flush();
    socket.close(code, reason.slice(0, 120));
  }

  return {
    send(frame) {
      if (queued.push(frame) === 1) setImmediate(flush);
    },
    last: () => queued.at(-1),
    close,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

function decoded(data: Buffer): unknown {
  try {
    return decodeFrames(data);
  } catch {
    return undefined;
  }
}
