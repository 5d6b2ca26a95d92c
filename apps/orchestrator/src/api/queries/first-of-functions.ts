/**
 * Rows of many functions (those of an app or an environment, a function with its pools) in tables that are indexed by function: one look
 * into the index per function, each ended after `limit` rows, then merged. `between f and f` instead of `= f` keeps
 * `function_id` in the order, which only the index on both columns has. Measured: with `=` the planner takes the order
 * from the primary key and, for a function without rows, reads the whole table backward.
 */
import { apps } from "@bellows/db/schema/apps";
import { functions } from "@bellows/db/schema/functions";
import { and, asc, between, desc, eq, inArray, or, type SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { z } from "zod";

type RowsOfFunctions = PgTable & { id: PgColumn; functionId: PgColumn };

const rowsSchema = z.array(z.object({ id: z.string() }));

/** The ids of the first `limit` rows of the functions that meet the condition, in this order of ids. */
export async function firstOfFunctions(
  db: NodePgDatabase,
  table: RowsOfFunctions,
  options: {
    /** Which functions. */
    of: SQL | undefined;
    condition: SQL | undefined;
    limit: number;
    order: "newest first" | "oldest first";
  },
): Promise<string[]> {
  const { of, condition, limit } = options;
  const byOrder = options.order === "newest first" ? desc : asc;
  const ofFunction = db
    .select({ id: table.id })
    .from(table)
    .where(and(between(table.functionId, functions.id, functions.id), condition))
    .orderBy(byOrder(table.functionId), byOrder(table.id))
    .limit(limit)
    .as("of_function");
  const rows = await db
    .select({ id: ofFunction.id })
    .from(functions)
    .crossJoinLateral(ofFunction)
    .where(of)
    .orderBy(byOrder(ofFunction.id))
    .limit(limit);
  return rowsSchema.parse(rows).map(({ id }) => id);
}

/** The functions of the apps that meet this. */
export function ofApps(db: NodePgDatabase, condition: SQL): SQL {
  return inArray(functions.appId, db.select({ id: apps.id }).from(apps).where(condition));
}

/** A function and its pools; of a pool, the pool alone. */
export function withPools(functionId: string): SQL | undefined {
  return or(eq(functions.id, functionId), eq(functions.baseId, functionId));
}
