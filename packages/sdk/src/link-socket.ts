/**
 * One WebSocket to the orchestrator, from the handshake to its end: told apart are a link that was refused (asking
 * again is useless) and one that was lost (try again). A peer that stops answering is noticed within two heartbeats.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { BellowsError } from "@bellows/protocol/errors";
import { AuthError, ConnectionError, PermissionDeniedError } from "@bellows/protocol/errors";
import { WebSocket } from "ws";

const HANDSHAKE_MS = 10_000;
const HEARTBEAT_MS = 10_000;
/** Above any message the orchestrator makes of outputs of 16 MiB each. */
const MAX_MESSAGE_BYTES = 1024 * 1024 * 1024;

/** 44xx: the orchestrator will not have this client; 1009: a message was larger than it takes. Both would only repeat. */
const FINAL_CODES = /^(44\d\d|1009)$/;

export interface LinkSocket {
  send(message: Uint8Array): void;
  /** Whether the process must stay for this socket. */
  keepAlive(awaited: boolean): void;
  close(): Promise<void>;
}

/** Exactly one of `closed` and `refused` comes, and comes last. */
export interface LinkSocketHandlers {
  opened(): void;
  message(bytes: Uint8Array): void;
  closed(reason: Error): void;
  refused(error: BellowsError): void;
}

export function openLinkSocket(to: { url: string; token: string }, handlers: LinkSocketHandlers): LinkSocket {
  const webSocket = new WebSocket(`${to.url.replace(/^http/, "ws")}/link/client`, {
    headers: { authorization: `Bearer ${to.token}` },
    handshakeTimeout: HANDSHAKE_MS,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  let socket: Socket | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let heard = true;
  let reason: Error | undefined;
  let ended = false;

  function end(tell: () => void): void {
    if (ended) return;
    ended = true;
    clearInterval(heartbeat);
    tell();
  }

  webSocket.on("upgrade", (response: IncomingMessage) => {
    socket = response.socket;
  });
  webSocket.on("open", () => {
    heartbeat = setInterval(beat, HEARTBEAT_MS).unref();
    handlers.opened();
  });
  webSocket.on("message", (data: Buffer) => {
    heard = true;
    if (!ended) handlers.message(data);
  });
  webSocket.on("pong", () => {
    heard = true;
  });
  webSocket.on("unexpected-response", (request, response: IncomingMessage) => {
    request.destroy();
    const refusal = refusalOf(response.statusCode ?? 0, to.url);
    end(() => (refusal ? handlers.refused(refusal) : handlers.closed(new Error(`HTTP ${response.statusCode}`))));
  });
  webSocket.on("error", (error) => {
    reason = error;
  });
  webSocket.on("close", (code, text) => {
    end(() => {
      if (FINAL_CODES.test(String(code))) handlers.refused(notUnderstood(to.url, text.toString("utf8")));
      else handlers.closed(reason ?? new Error(`the link was closed with code ${code}`));
    });
  });

  function beat(): void {
    if (heard) {
      heard = false;
      webSocket.ping();
      return;
    }
    // A blocked event loop lets the timer fire before the answer that has long arrived is read: look at it first.
    setImmediate(() => {
      if (!heard) webSocket.terminate();
    });
  }

  return {
    send(message) {
      if (webSocket.readyState === WebSocket.OPEN) webSocket.send(message);
    },
    keepAlive(awaited) {
      if (awaited) socket?.ref();
      else socket?.unref();
    },
    close() {
      return new Promise((resolve) => {
        if (webSocket.readyState === WebSocket.CLOSED) return resolve();
        webSocket.once("close", () => resolve());
        socket?.ref();
        if (webSocket.readyState === WebSocket.CONNECTING) webSocket.terminate();
        else webSocket.close(1000);
      });
    },
  };
}

function notUnderstood(url: string, text: string): ConnectionError {
  return new ConnectionError(
    `the orchestrator at ${url} closed the link${text ? `: ${text}` : ""}; client and orchestrator may be of different versions`,
  );
}

function refusalOf(status: number, url: string): BellowsError | undefined {
  if (status === 401) {
    return new AuthError(
      `the orchestrator at ${url} does not accept this token; take the one in its .bellows/credentials.json, or set BELLOWS_TOKEN to a token that is still valid`,
    );
  }
  if (status === 403) {
    return new PermissionDeniedError(
      `the orchestrator at ${url} does not let this token call functions; use a token of an editor, admin or owner`,
    );
  }
  return undefined;
}
