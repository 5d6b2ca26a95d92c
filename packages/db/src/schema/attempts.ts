/**
 * Attempts that were followed by another, or that a retry of the whole call has set aside; how the last one ended is the
 * output.
 */
import { ATTEMPT_OUTCOMES } from "@bellows/protocol/states";
import { integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { bytea, milliseconds } from "./columns.ts";

export const attempts = pgTable(
  "attempts",
  {
    callId: uuid("call_id").notNull(),
    idx: integer("idx").notNull(),
    attempt: integer("attempt").notNull(),
    /** Null for one that was set aside before any container had it. */
    containerId: uuid("container_id"),
    startedAtMs: milliseconds("started_at_ms"),
    finishedAtMs: milliseconds("finished_at_ms").notNull(),
    /** Encoded ErrorData. */
    error: bytea("error").notNull(),
    outcome: text("outcome", { enum: ATTEMPT_OUTCOMES }).notNull().default("failed"),
  },
  (table) => [primaryKey({ columns: [table.callId, table.idx, table.attempt] })],
);
