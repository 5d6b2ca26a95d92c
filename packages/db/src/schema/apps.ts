import { APP_STATES, type AppState } from "@bellows/protocol/states";
import { boolean, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";
import { environments } from "./environments.ts";

export const apps = pgTable(
  "apps",
  {
    id: uuid("id").primaryKey(),
    environmentId: uuid("environment_id")
      .notNull()
      .references(() => environments.id),
    name: text("name").notNull(),
    state: text("state", { enum: APP_STATES as [AppState, ...AppState[]] }).notNull(),
    /** Whether it was made by a run: such an app goes, some time after it was stopped, with all that belongs to it. */
    ephemeral: boolean("ephemeral").notNull().default(false),
    /** Number of the current deployment, from 1. */
    version: integer("version").notNull(),
    createdAtMs: milliseconds("created_at_ms").notNull(),
    deployedAtMs: milliseconds("deployed_at_ms").notNull(),
    /** An ephemeral app that outlives its holders until its calls are finished. */
    detachedAtMs: milliseconds("detached_at_ms"),
    stoppedAtMs: milliseconds("stopped_at_ms"),
  },
  (table) => [
    unique("apps_name").on(table.environmentId, table.name),
    index("apps_state").on(table.environmentId, table.state, table.id),
  ],
);
