/** What Postgres knows of ephemeral apps: which live, and whether one has work left. */
import { apps } from "@bellows/db/schema/apps";
import { calls } from "@bellows/db/schema/calls";
import { functions } from "@bellows/db/schema/functions";
import { and, eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { EphemeralApp } from "./ephemeral-apps.ts";

export async function listEphemeralApps(db: NodePgDatabase): Promise<EphemeralApp[]> {
  const rows = await db
    .select({ appId: apps.id, detachedAtMs: apps.detachedAtMs })
    .from(apps)
    .where(eq(apps.state, "ephemeral"));
  return rows.map(({ appId, detachedAtMs }) => ({ appId, detached: detachedAtMs !== null }));
}

/** By function, because the index on running calls is by function. */
export async function hasUnfinishedCalls(db: NodePgDatabase, appId: string): Promise<boolean> {
  const rows = await db
    .select({ id: calls.id })
    .from(functions)
    .innerJoin(calls, and(eq(calls.functionId, functions.id), eq(calls.state, "running")))
    .where(eq(functions.appId, appId))
    .limit(1);
  return rows.length > 0;
}
