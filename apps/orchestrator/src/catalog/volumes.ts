/** Which volumes the deployed functions of an environment name. */
import { functions } from "@bellows/db/schema/functions";
import type { VolumeView } from "@bellows/protocol/views";
import { sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

/** By name. */
export async function volumesInUse(db: NodePgDatabase, environmentId: string): Promise<VolumeView[]> {
  const { rows } = await db.execute<{ name: string; usedBy: string[] }>(sql`
    select named.value as name, array_agg(distinct apps.name || '/' || ${functions.name}) as "usedBy"
    from ${functions} join apps on apps.id = ${functions.appId},
      lateral jsonb_each_text(${functions.settings} -> 'volumes') as named (path, value)
    where apps.environment_id = ${environmentId} and apps.state <> 'stopped' and ${functions.archivedAtMs} is null
    group by named.value order by named.value`);
  return rows.map(({ name, usedBy }) => ({ name, usedBy }));
}
