/** How each input ended: one row per input, inserted once and never changed. The wide columns come first to need no padding. */
import type { OutputStatus } from "@bellows/protocol/states";
import { integer, pgTable, primaryKey, smallint, uuid } from "drizzle-orm/pg-core";
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
  (table) => [primaryKey({ columns: [table.callId, table.idx] })],
);
