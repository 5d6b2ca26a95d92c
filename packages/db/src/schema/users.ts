import { pgTable, text, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";

export const USER_ROLES = ["owner", "admin", "editor", "viewer"] as const;

export const users = pgTable("users", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  role: text("role", { enum: USER_ROLES }).notNull(),
  createdAtMs: milliseconds("created_at_ms").notNull(),
});
