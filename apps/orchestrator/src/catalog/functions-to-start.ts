/**
 * The functions that need an engine from the start: those with unfinished calls, those whose containers were not seen
 * to end, and those that keep containers. All others get theirs with their first call.
 */
import { apps } from "@bellows/db/schema/apps";
import { calls } from "@bellows/db/schema/calls";
import { containers } from "@bellows/db/schema/containers";
import { functions } from "@bellows/db/schema/functions";
import { and, eq, isNull, ne, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

export async function functionsToStart(db: NodePgDatabase): Promise<string[]> {
  const withCalls = db.select({ id: calls.functionId }).from(calls).where(eq(calls.state, "running"));
  const withContainers = db
    .select({ id: containers.functionId })
    .from(containers)
    .where(isNull(containers.stoppedAtMs));
  const keepingContainers = db
    .select({ id: functions.id })
    .from(functions)
    .innerJoin(apps, eq(functions.appId, apps.id))
    .where(
      and(
        ne(apps.state, "stopped"),
        isNull(functions.archivedAtMs),
        sql`coalesce(
          (select value from autoscaler_overrides where function_id = ${functions.id} and setting = 'minContainers'),
          (${functions.settings} ->> 'minContainers')::integer
        ) > 0`,
      ),
    );
  const rows = await withCalls.union(withContainers).union(keepingContainers);
  return rows.map(({ id }) => id);
}
