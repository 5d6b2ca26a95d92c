/** What queries cost: the rows that Postgres touches for them, counted by itself, which no other work on the host changes. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { z } from "zod";

const planSchema = z.object({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Actual Rows": z.number(),
  "Actual Loops": z.number(),
  "Rows Removed by Filter": z.number().default(0),
  "Rows Removed by Index Recheck": z.number().default(0),
  get Plans() {
    return z.array(planSchema).default([]);
  },
});
type Plan = z.infer<typeof planSchema>;

/** By relation, a partition by its own name; `undefined` is what is no relation, such as the rows of a CTE. */
export type RowsTouched = Map<string | undefined, number>;

/** Of each statement of `run`. */
export async function rowsTouched(pool: Pool, run: (db: NodePgDatabase) => Promise<unknown>): Promise<RowsTouched[]> {
  const statements: [string, unknown[]][] = [];
  await run(drizzle(pool, { logger: { logQuery: (text, values) => statements.push([text, values]) } }));
  return await Promise.all(
    statements.map(async ([text, values]) => {
      const { rows } = await pool.query(`explain (analyze, format json) ${text}`, values);
      const [explained] = z.array(z.object({ Plan: planSchema })).parse(rows[0]["QUERY PLAN"]);
      const touched: RowsTouched = new Map();
      if (explained) addScans(explained.Plan, touched);
      return touched;
    }),
  );
}

export function sumOf(touched: RowsTouched): number {
  return [...touched.values()].reduce((sum, rows) => sum + rows, 0);
}

function addScans(plan: Plan, touched: RowsTouched): void {
  for (const child of plan.Plans) addScans(child, touched);
  if (!plan["Node Type"].includes("Scan")) return;
  const relation = plan["Relation Name"];
  const removed = plan["Rows Removed by Filter"] + plan["Rows Removed by Index Recheck"];
  const rows = (plan["Actual Rows"] + removed) * plan["Actual Loops"];
  touched.set(relation, (touched.get(relation) ?? 0) + rows);
}
