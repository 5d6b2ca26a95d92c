/** One-time codes of sign-in links, stored as SHA-256. `usedAtMs` is set by the one exchange that succeeds. */
import { pgTable, uuid } from "drizzle-orm/pg-core";
import { bytea, milliseconds } from "./columns.ts";
import { users } from "./users.ts";

export const signInCodes = pgTable("sign_in_codes", {
  hash: bytea("hash").primaryKey(),
  userId: uuid("user_id")
    .notNull()
    .references(() => users.id, { onDelete: "cascade" }),
  createdAtMs: milliseconds("created_at_ms").notNull(),
  expiresAtMs: milliseconds("expires_at_ms").notNull(),
  usedAtMs: milliseconds("used_at_ms"),
});
