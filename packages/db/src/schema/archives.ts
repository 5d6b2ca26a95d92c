/**
 * Files of users' machines that images are made of, by content: `hash` is the SHA-256 of `content`, a gzipped tar archive, in
 * hex. The settings of functions name them.
 */
import { pgTable, text } from "drizzle-orm/pg-core";
import { bytea, milliseconds } from "./columns.ts";

export const archives = pgTable("archives", {
  hash: text("hash").primaryKey(),
  content: bytea("content").notNull(),
  /** When it was uploaded last. */
  createdAtMs: milliseconds("created_at_ms").notNull(),
});
