/**
 * What `updateAutoscaler` has changed since the last deploy of a function, or of a pool of one: a row for each setting,
 * in the unit of the setting. A deploy deletes them.
 */
import { AUTOSCALER_SETTINGS } from "@bellows/protocol/autoscaler-settings";
import { integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";
import { functions } from "./functions.ts";

export const autoscalerOverrides = pgTable(
  "autoscaler_overrides",
  {
    functionId: uuid("function_id")
      .notNull()
      .references(() => functions.id, { onDelete: "cascade" }),
    setting: text("setting", { enum: AUTOSCALER_SETTINGS }).notNull(),
    value: integer("value").notNull(),
    /** The name of a user, or `app/function` of the code that did it. */
    setBy: text("set_by").notNull(),
    atMs: milliseconds("at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.functionId, table.setting] })],
);
