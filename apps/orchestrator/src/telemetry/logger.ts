/** Structured logs: one JSON object a line on standard output. Tokens and payloads are never logged. */
import { type Logger, pino } from "pino";

export type { Logger } from "pino";

export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["token", "*.token", "headers.authorization", "*.headers.authorization", "databaseUrl", "masterKey"],
  });
}
