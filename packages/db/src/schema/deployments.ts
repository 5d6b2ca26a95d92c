import { index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { apps } from "./apps.ts";
import { bundles } from "./bundles.ts";
import { milliseconds } from "./columns.ts";

export const deployments = pgTable(
  "deployments",
  {
    id: uuid("id").primaryKey(),
    appId: uuid("app_id")
      .notNull()
      .references(() => apps.id),
    /** From 1, without gaps, per app. */
    version: integer("version").notNull(),
    /** Null when the code was dropped, long after the app was stopped. */
    bundleHash: text("bundle_hash").references(() => bundles.hash),
    createdAtMs: milliseconds("created_at_ms").notNull(),
  },
  (table) => [
    unique("deployments_version").on(table.appId, table.version),
    index("deployments_bundle").on(table.bundleHash),
  ],
);
