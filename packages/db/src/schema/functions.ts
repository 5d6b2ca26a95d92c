/** Functions keep their identity (id) over deployments: it is made once for a name in an app. */
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { apps } from "./apps.ts";
import { milliseconds } from "./columns.ts";
import { deployments } from "./deployments.ts";

export const functions = pgTable(
  "functions",
  {
    id: uuid("id").primaryKey(),
    appId: uuid("app_id")
      .notNull()
      .references(() => apps.id),
    name: text("name").notNull(),
    /** The deployment whose code and settings are current. */
    deploymentId: uuid("deployment_id")
      .notNull()
      .references(() => deployments.id),
    settings: jsonb("settings").$type<FunctionSettings>().notNull(),
    createdAtMs: milliseconds("created_at_ms").notNull(),
    /** Set when a deployment of the app no longer has the function. */
    archivedAtMs: milliseconds("archived_at_ms"),
  },
  (table) => [unique("functions_name").on(table.appId, table.name)],
);
