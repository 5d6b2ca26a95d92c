/** Credentials. Only the SHA-256 of a token is stored: reading this table lets nobody in. */
import { index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, milliseconds } from "./columns.ts";
import { environments } from "./environments.ts";
import { USER_ROLES, users } from "./users.ts";

export const TOKEN_KINDS = ["owner", "session", "api"] as const;

export const tokens = pgTable(
  "tokens",
  {
    id: uuid("id").primaryKey(),
    hash: bytea("hash").notNull().unique(),
    kind: text("kind", { enum: TOKEN_KINDS }).notNull(),
    role: text("role", { enum: USER_ROLES }).notNull(),
    name: text("name").notNull(),
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    /** Null: good for every environment. */
    environmentId: uuid("environment_id").references(() => environments.id, { onDelete: "cascade" }),
    createdAtMs: milliseconds("created_at_ms").notNull(),
    /** Null: never. */
    expiresAtMs: milliseconds("expires_at_ms"),
  },
  (table) => [index("tokens_user").on(table.userId), index("tokens_expiry").on(table.expiresAtMs)],
);
