/** Structured logs: one JSON object a line on standard output. Tokens and payloads are never logged. */
import { DrizzleQueryError } from "drizzle-orm";
import { type DestinationStream, type Logger, pino, stdSerializers } from "pino";

export type { Logger } from "pino";

/** `destination` is standard output by default. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: [
        "token",
        "*.token",
        "headers.authorization",
        "*.headers.authorization",
        "databaseUrl",
        "masterKey",
        "previousMasterKey",
      ],
      serializers: { err: loggedError },
    },
    ...(destination ? [destination] : []),
  );
}

/** The message and the stack of a failed query repeat its parameters, which are what users sent. */
function loggedError(thrown: unknown): unknown {
  const query = failedQuery(thrown);
  if (query) return { type: query.name, query: query.query, cause: databaseError(query.cause) };
  return thrown instanceof Error ? stdSerializers.err(thrown) : thrown;
}

function failedQuery(thrown: unknown): DrizzleQueryError | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof DrizzleQueryError) return error;
  }
  return undefined;
}

/** Its `detail` would tell the values of the row. */
function databaseError(cause: unknown): { message: string; code?: string } {
  if (!(cause instanceof Error)) return { message: "no cause is known" };
  return { message: cause.message, ...("code" in cause ? { code: String(cause.code) } : {}) };
}
