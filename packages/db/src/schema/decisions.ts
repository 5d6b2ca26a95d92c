/** What the autoscaler decided, one row per change, with the numbers it was made from. Partitioned by day on `id`. */
import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";

export const decisions = pgTable(
  "decisions",
  {
    id: uuid("id").primaryKey(),
    functionId: uuid("function_id").notNull(),
    atMs: milliseconds("at_ms").notNull(),
    desired: integer("desired").notNull(),
    current: integer("current").notNull(),
    queued: integer("queued").notNull(),
    running: integer("running").notNull(),
    cappedBy: text("capped_by"),
    reason: text("reason").notNull(),
  },
  (table) => [index("decisions_function").on(table.functionId, table.id)],
);
