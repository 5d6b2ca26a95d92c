/**
 * Log lines. `id` is made by the journal as lines reach it and is the position in the log; `atMs` is the container's
 * own clock. Partitioned by day on `id`. An app's log is the merge of its functions' logs in order of id.
 */
import { LOG_STREAMS } from "@bellows/protocol/frame-parts";
import { sql } from "drizzle-orm";
import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";

export const logs = pgTable(
  "logs",
  {
    id: uuid("id").primaryKey(),
    functionId: uuid("function_id").notNull(),
    containerId: uuid("container_id").notNull(),
    /** Null when the line belongs to no input. */
    callId: uuid("call_id"),
    idx: integer("idx"),
    atMs: milliseconds("at_ms").notNull(),
    stream: text("stream", { enum: LOG_STREAMS }).notNull(),
    text: text("text").notNull(),
  },
  (table) => [
    index("logs_function").on(table.functionId, table.id),
    index("logs_container").on(table.containerId, table.id),
    index("logs_call").on(table.callId, table.id).where(sql`call_id is not null`),
  ],
);
