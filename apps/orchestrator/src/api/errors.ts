/**
 * The one place where errors change shape at the API: what a verb throws becomes a tRPC error whose `data.bellows`
 * is its ErrorData. What is nobody's fault but ours is logged in full and told as a reference only, so that no SQL
 * and no path of this machine leaves it.
 */
import {
  BellowsError,
  ConnectionError,
  type ErrorCode,
  type ErrorData,
  errorData,
  InternalError,
  InvalidError,
  NotFoundError,
} from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { TRPCError } from "@trpc/server";
import { ZodError } from "zod";
import type { Logger } from "../telemetry/logger.ts";

type TrpcCode = TRPCError["code"];

const TRPC_CODES: Record<ErrorCode, TrpcCode> = {
  NOT_FOUND: "NOT_FOUND",
  INVALID: "BAD_REQUEST",
  AUTH: "UNAUTHORIZED",
  PERMISSION_DENIED: "FORBIDDEN",
  CONFLICT: "CONFLICT",
  LIMIT_EXCEEDED: "TOO_MANY_REQUESTS",
  TIMEOUT: "TIMEOUT",
  FUNCTION_TIMEOUT: "UNPROCESSABLE_CONTENT",
  OUTPUT_EXPIRED: "NOT_FOUND",
  CANCELLED: "CLIENT_CLOSED_REQUEST",
  REMOTE: "UNPROCESSABLE_CONTENT",
  CONTAINER_CRASHED: "UNPROCESSABLE_CONTENT",
  STARTUP: "UNPROCESSABLE_CONTENT",
  SERIALIZATION: "BAD_REQUEST",
  PAYLOAD_TOO_LARGE: "PAYLOAD_TOO_LARGE",
  CONNECTION: "SERVICE_UNAVAILABLE",
  INTERNAL: "INTERNAL_SERVER_ERROR",
};

const HTTP_STATUSES: Record<ErrorCode, number> = {
  NOT_FOUND: 404,
  INVALID: 400,
  AUTH: 401,
  PERMISSION_DENIED: 403,
  CONFLICT: 409,
  LIMIT_EXCEEDED: 429,
  TIMEOUT: 408,
  FUNCTION_TIMEOUT: 422,
  OUTPUT_EXPIRED: 404,
  CANCELLED: 499,
  REMOTE: 422,
  CONTAINER_CRASHED: 422,
  STARTUP: 422,
  SERIALIZATION: 400,
  PAYLOAD_TOO_LARGE: 413,
  CONNECTION: 503,
  INTERNAL: 500,
};

export function httpStatusOf(code: ErrorCode): number {
  return HTTP_STATUSES[code];
}

/** Whatever was thrown, as an error that may be shown to the caller. */
export function presentable(thrown: unknown, logger: Logger): BellowsError {
  const cause = thrown instanceof TRPCError && thrown.cause ? thrown.cause : thrown;
  if (cause instanceof BellowsError && cause.code !== "INTERNAL") return cause;
  if (cause instanceof ZodError) return new InvalidError(zodSentence(cause));
  if (thrown instanceof TRPCError && thrown.code !== "INTERNAL_SERVER_ERROR") return fromTrpcCode(thrown);
  if (isDatabaseAway(cause)) {
    logger.warn({ err: cause }, "the database does not answer");
    return new ConnectionError(
      "the database does not answer; try again in a moment, or look at the orchestrator's log",
    );
  }
  const reference = newId();
  logger.error({ err: cause, reference }, "a request failed");
  return new InternalError(`something failed inside Bellows; the orchestrator's log says what, under ${reference}`, {
    details: { reference },
  });
}

/** Already presentable errors go out as they are; their stacks are of this process and stay here. */
export function shownErrorData(error: BellowsError): ErrorData {
  const { stack: _stack, cause: _cause, ...shown } = errorData(error);
  return shown;
}

export function trpcError(error: BellowsError): TRPCError {
  return new TRPCError({ code: TRPC_CODES[error.code], message: error.message, cause: error });
}

/** The data of a tRPC error, those included that tRPC raises before any procedure of ours runs. */
export function bellowsDataOf(error: TRPCError): ErrorData {
  if (error.cause instanceof BellowsError) return shownErrorData(error.cause);
  return shownErrorData(fromTrpcCode(error));
}

function fromTrpcCode(error: TRPCError): BellowsError {
  switch (error.code) {
    case "NOT_FOUND":
      return new NotFoundError(
        `${error.message.replace(/^No/, "there is no")}; client and orchestrator may be of different versions`,
      );
    case "INTERNAL_SERVER_ERROR":
      return new InternalError("something failed inside Bellows; the orchestrator's log says what");
    default:
      return new InvalidError(`the request could not be read: ${error.message}`);
  }
}

/** The first thing wrong with an input, as a sentence: where, what. */
export function zodSentence(error: ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "the input is not valid";
  if (issue.code === "unrecognized_keys") {
    return `${[...issue.path, issue.keys[0]].join(".")}: there is no such field`;
  }
  const what = boundBroken(issue) ?? issue.message;
  return issue.path.length > 0 ? `${issue.path.join(".")}: ${what}` : what;
}

/** What zod says of bounds names its types and comparisons. */
function boundBroken(issue: ZodError["issues"][number]): string | undefined {
  if (issue.code !== "too_small" && issue.code !== "too_big") return undefined;
  const isBelow = issue.code === "too_small";
  const bound = (isBelow ? issue.minimum : issue.maximum).toLocaleString("en");
  if (issue.origin === "string") return isBelow ? "is empty" : `is longer than ${bound} characters`;
  if (issue.origin === "array") return isBelow ? `has fewer than ${bound} items` : `has more than ${bound} items`;
  return isBelow ? `is below ${bound}` : `is above ${bound}`;
}

/** Connection refused or reset, server shutting down or starting (classes 08 and 57P of Postgres). */
const DATABASE_AWAY = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08\w{3}|57P\w{2})$/;

function isDatabaseAway(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ("code" in error && DATABASE_AWAY.test(String(error.code))) return true;
    if (/Connection terminated|timeout exceeded when trying to connect/.test(error.message)) return true;
  }
  return false;
}
