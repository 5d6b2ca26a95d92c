/** The condition on apps that a list of one environment has; none when the list is of all of them. */
import { apps } from "@bellows/db/schema/apps";
import { eq, type SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { environmentNamed } from "../../catalog/environment-named.ts";

/** @throws NotFoundError: a list of an environment that does not exist would only look empty. */
export async function inEnvironment(db: NodePgDatabase, name: string | undefined): Promise<SQL | undefined> {
  return name === undefined ? undefined : eq(apps.environmentId, await environmentNamed(db, name));
}
