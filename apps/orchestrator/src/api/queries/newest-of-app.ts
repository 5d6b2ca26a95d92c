/**
 * Rows of an app in tables that know only functions (containers, logs). One look into the index per function, each
 * ended after `limit` rows, then merged: the planner's own choice for `function_id in (...) order by id` walks the whole
 * primary key when the app is quiet and the table is large.
 */
import { functions } from "@bellows/db/schema/functions";
import { and, asc, desc, eq, inArray, type SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

type RowsOfFunctions = PgTable & { id: PgColumn; functionId: PgColumn };

/** The condition `id in (...)` for the first `limit` rows of the app in order of id: newest first, or `oldestFirst`. */
export function newestOfApp(
  db: NodePgDatabase,
  table: RowsOfFunctions,
  {
    appId,
    condition,
    limit,
    oldestFirst = false,
  }: { appId: string; condition: SQL | undefined; limit: number; oldestFirst?: boolean },
): SQL {
  const order = oldestFirst ? asc(table.id) : desc(table.id);
  const ofFunction = db
    .select({ id: table.id })
    .from(table)
    .where(and(eq(table.functionId, functions.id), condition))
    .orderBy(order)
    .limit(limit)
    .as("of_function");
  const ids = db
    .select({ id: ofFunction.id })
    .from(functions)
    .crossJoinLateral(ofFunction)
    .where(eq(functions.appId, appId))
    .orderBy(oldestFirst ? asc(ofFunction.id) : desc(ofFunction.id))
    .limit(limit);
  return inArray(table.id, ids);
}
