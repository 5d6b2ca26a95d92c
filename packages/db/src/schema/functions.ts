/**
 * Functions keep their identity (id) over deployments: it is made once for a name in an app. A pool of a function is a
 * row of its own: the same name, code and deployment as its base, other settings or constructor arguments.
 */
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { type AnyPgColumn, index, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { apps } from "./apps.ts";
import { bytea, milliseconds } from "./columns.ts";
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
    /** Of a pool: the function it belongs to. */
    baseId: uuid("base_id").references((): AnyPgColumn => functions.id, { onDelete: "cascade" }),
    /** Of a pool: the SHA-256 of what makes it differ; empty for the function itself. */
    poolKey: text("pool_key").notNull().default(""),
    /** Of a pool: the settings that differ, and how it is called in lists. */
    pool: jsonb("pool").$type<{ settings: Partial<FunctionSettings>; label: string }>(),
    /** Of a pool of a class: the encoded arguments of its constructor. */
    parameters: bytea("parameters"),
    /** In full; those of a pool are computed anew with every deployment of its base. */
    settings: jsonb("settings").$type<FunctionSettings>().notNull(),
    createdAtMs: milliseconds("created_at_ms").notNull(),
    /** Set when a deployment of the app no longer has the function. */
    archivedAtMs: milliseconds("archived_at_ms"),
  },
  (table) => [
    unique("functions_pool").on(table.appId, table.name, table.poolKey),
    index("functions_base").on(table.baseId),
  ],
);
