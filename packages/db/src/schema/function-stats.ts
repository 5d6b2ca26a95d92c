/**
 * What a function did in each ten seconds, from `at_ms` on; none where it had neither inputs nor containers. When a function changes hands there may
 * be two rows of one time: counts of both add up, of maxima the higher one holds. Partitioned by day on `id`, which
 * carries `at_ms`.
 */
import { index, integer, jsonb, pgTable, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";

export const functionStats = pgTable(
  "function_stats",
  {
    id: uuid("id").primaryKey(),
    functionId: uuid("function_id").notNull(),
    atMs: milliseconds("at_ms").notNull(),
    arrived: integer("arrived").notNull(),
    /** When: `[offset from at_ms in steps of 100 ms, inputs]`. */
    arrivals: jsonb("arrivals").$type<[number, number][]>().notNull(),
    succeeded: integer("succeeded").notNull(),
    failed: integer("failed").notNull(),
    cancelled: integer("cancelled").notNull(),
    /** Histograms, `[upper bound of the bucket in ms, inputs]`: in the queue while a container was up for it. */
    queueMs: jsonb("queue_ms").$type<[number, number][]>().notNull(),
    /** For the start of the container that ran it; of those only that came before it was ready. */
    startMs: jsonb("start_ms").$type<[number, number][]>().notNull(),
    /** Of attempts, however they ended. */
    runMs: jsonb("run_ms").$type<[number, number][]>().notNull(),
    /** `[inputs in a batch, batches]`; none where inputs are handed over one by one. */
    batchSizes: jsonb("batch_sizes").$type<[number, number][]>().notNull(),
    queuedMax: integer("queued_max").notNull(),
    runningMax: integer("running_max").notNull(),
    containersMax: integer("containers_max").notNull(),
  },
  (table) => [index("function_stats_function").on(table.functionId, table.id)],
);
