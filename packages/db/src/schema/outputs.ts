/** How each input ended: one row per input, inserted once and never changed. The wide columns come first to need no padding. */
import type { OutputStatus } from "@bellows/protocol/states";
import { sql } from "drizzle-orm";
import { index, integer, pgTable, primaryKey, smallint, uuid } from "drizzle-orm/pg-core";
import { bytea, milliseconds } from "./columns.ts";

export const outputs = pgTable(
  "outputs",
  {
    callId: uuid("call_id").notNull(),
    queuedAtMs: milliseconds("queued_at_ms").notNull(),
    finishedAtMs: milliseconds("finished_at_ms").notNull(),
    /** Null when it never began. */
    startedAtMs: milliseconds("started_at_ms"),
    idx: integer("idx").notNull(),
    status: smallint("status").$type<OutputStatus>().notNull(),
    /** Attempts charged to the user's code. */
    attempts: smallint("attempts").notNull(),
    containerId: uuid("container_id"),
    /** The encoded value, or the encoded error. */
    payload: bytea("payload").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.callId, table.idx] }),
    /** The few that failed among a million: 6 ms a page instead of 350 ms. A succeeded row does not enter it. */
    index("outputs_not_succeeded").on(table.callId, table.status, table.idx).where(sql`status <> 0`),
  ],
);
