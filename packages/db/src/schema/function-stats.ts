/**
 * What a function did in each ten seconds. Histograms count inputs by the upper bound of their bucket in milliseconds,
 * as `[bound, count]` pairs. Partitioned by day on `id`, which carries the time the ten seconds began.
 */
import { index, integer, jsonb, pgTable, uuid } from "drizzle-orm/pg-core";

export const functionStats = pgTable(
  "function_stats",
  {
    id: uuid("id").primaryKey(),
    functionId: uuid("function_id").notNull(),
    arrived: integer("arrived").notNull(),
    succeeded: integer("succeeded").notNull(),
    failed: integer("failed").notNull(),
    cancelled: integer("cancelled").notNull(),
    queueMs: jsonb("queue_ms").$type<[number, number][]>().notNull(),
    runMs: jsonb("run_ms").$type<[number, number][]>().notNull(),
  },
  (table) => [index("function_stats_function").on(table.functionId, table.id)],
);
