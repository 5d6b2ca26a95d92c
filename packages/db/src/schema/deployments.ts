import { integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
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
    bundleHash: text("bundle_hash")
      .notNull()
      .references(() => bundles.hash),
    createdAtMs: milliseconds("created_at_ms").notNull(),
  },
  (table) => [unique("deployments_version").on(table.appId, table.version)],
);
