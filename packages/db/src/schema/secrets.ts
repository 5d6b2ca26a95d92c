/**
 * Secrets of environments: named sets of variables, encrypted under a data key. The data keys are here too, each encrypted
 * under the master key, which is nowhere in the database.
 */
import { sql } from "drizzle-orm";
import { pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { bytea, milliseconds } from "./columns.ts";
import { environments } from "./environments.ts";

export const secretKeys = pgTable("secret_keys", {
  id: uuid("id").primaryKey(),
  /** The key, sealed under the master key. */
  sealed: bytea("sealed").notNull(),
  createdAtMs: milliseconds("created_at_ms").notNull(),
});

export const secrets = pgTable(
  "secrets",
  {
    id: uuid("id").primaryKey(),
    environmentId: uuid("environment_id")
      .notNull()
      .references(() => environments.id),
    name: text("name").notNull(),
    keyId: uuid("key_id")
      .notNull()
      .references(() => secretKeys.id),
    /** The variables as JSON, sealed under the data key for this id. */
    sealed: bytea("sealed").notNull(),
    /** The names of the variables, which are no secret. */
    variables: text("variables").array().notNull().default(sql`'{}'`),
    createdAtMs: milliseconds("created_at_ms").notNull(),
    updatedAtMs: milliseconds("updated_at_ms").notNull(),
    /** Whose token it was. */
    updatedBy: text("updated_by").notNull(),
  },
  (table) => [unique("secrets_name").on(table.environmentId, table.name)],
);
