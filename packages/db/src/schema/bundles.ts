/** Code of deployments by content: `hash` is the SHA-256 of `content` in hex, so equal code is stored once. */
import { jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { bytea, milliseconds } from "./columns.ts";

export const bundles = pgTable("bundles", {
  hash: text("hash").primaryKey(),
  content: bytea("content").notNull(),
  /** What is installed beside the code: name to exact version. */
  packages: jsonb("packages").$type<Record<string, string>>().notNull().default({}),
  /** When it was uploaded last. */
  createdAtMs: milliseconds("created_at_ms").notNull(),
});
