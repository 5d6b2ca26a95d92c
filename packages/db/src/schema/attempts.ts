/** Attempts that failed and were followed by another; how the last one ended is the output. */
import { integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { bytea, milliseconds } from "./columns.ts";

export const attempts = pgTable(
  "attempts",
  {
    callId: uuid("call_id").notNull(),
    idx: integer("idx").notNull(),
    attempt: integer("attempt").notNull(),
    containerId: uuid("container_id").notNull(),
    startedAtMs: milliseconds("started_at_ms"),
    finishedAtMs: milliseconds("finished_at_ms").notNull(),
    /** Encoded ErrorData. */
    error: bytea("error").notNull(),
  },
  (table) => [primaryKey({ columns: [table.callId, table.idx, table.attempt] })],
);
