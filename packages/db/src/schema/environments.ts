import type { EnvironmentLimits } from "@bellows/protocol/limits";
import { jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";

export const environments = pgTable("environments", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull().unique(),
  /** Those that differ from the defaults. */
  limits: jsonb("limits").$type<Partial<EnvironmentLimits>>().notNull().default({}),
  createdAtMs: milliseconds("created_at_ms").notNull(),
});
