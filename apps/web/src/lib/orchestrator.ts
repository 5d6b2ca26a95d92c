/**
 * Server side only: where the orchestrator is, and what to answer when it is not there. The console keeps nothing;
 * it passes requests on with the token of the cookie, so whatever it may do the token may do without it.
 */
import type { ErrorData } from "@bellows/protocol/errors";

const DEFAULT_URL = "http://127.0.0.1:4000";

/** Read for each request: the built console does not fix the address. */
export function orchestratorUrl(): string {
  return (process.env.BELLOWS_URL ?? DEFAULT_URL).replace(/\/+$/, "");
}

/** An error of the console's own server, in the shape of the API's: the browser reads both alike. */
export function errorResponse(status: number, error: ErrorData): Response {
  return Response.json(
    { error: { code: -32_603, message: error.message, data: { httpStatus: status, bellows: error } } },
    { status, headers: { "cache-control": "no-store" } },
  );
}

export function awayResponse(): Response {
  return errorResponse(503, {
    code: "CONNECTION",
    message: `the orchestrator at ${orchestratorUrl()} does not answer`,
  });
}

export function crossOriginResponse(): Response {
  return errorResponse(403, {
    code: "PERMISSION_DENIED",
    message: "this request was made by another site; open the console itself and do it there",
  });
}
