/** Answers outside of tRPC: JSON, an error being `{ "error": ErrorData }`. */
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "../telemetry/logger.ts";
import { httpStatusOf, presentable, shownErrorData } from "./errors.ts";

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}

export function sendError(response: ServerResponse, thrown: unknown, log: Logger): void {
  const error = presentable(thrown, log);
  // A sender that is still sending reads the answer only if its bytes are taken; they are thrown away.
  response.req.resume();
  sendJson(response, httpStatusOf(error.code), { error: shownErrorData(error) });
}

/** Answers an upgrade that is refused, on the bare socket, and closes it. */
export function refuseUpgrade(socket: Duplex, thrown: unknown, log: Logger): void {
  const error = presentable(thrown, log);
  const body = `${JSON.stringify({ error: shownErrorData(error) })}\n`;
  socket.end(
    [
      `HTTP/1.1 ${httpStatusOf(error.code)} Refused`,
      "content-type: application/json; charset=utf-8",
      `content-length: ${Buffer.byteLength(body)}`,
      "connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}
