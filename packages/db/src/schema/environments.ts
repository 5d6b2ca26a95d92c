import { pgTable, text, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";

export const environments = pgTable("environments", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull().unique(),
  createdAtMs: milliseconds("created_at_ms").notNull(),
});
