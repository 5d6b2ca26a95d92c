/**
 * Functions, newest first. Without an app the list leaves out those of stopped apps; archived ones are never in it. Pools
 * are listed only for the function that they are of.
 */
import { apps } from "@bellows/db/schema/apps";
import { deployments } from "@bellows/db/schema/deployments";
import { environments } from "@bellows/db/schema/environments";
import { functions } from "@bellows/db/schema/functions";
import { NotFoundError } from "@bellows/protocol/errors";
import type { FunctionView, Page } from "@bellows/protocol/views";
import { and, desc, eq, isNull, lt, ne, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { FunctionDirectory } from "../../catalog/function-directory.ts";
import { overrideLayer, overridesOfFunction } from "../../catalog/stored-overrides.ts";
import { effectiveSettings, withEffective } from "../../core/settings-layers.ts";
import type { Engines } from "../../engine/engines.ts";
import { decodeIdCursor, mapPage } from "../pages.ts";
import type { FunctionFilter, FunctionRef, PageRequest } from "../verbs.ts";
import { inEnvironment } from "./in-environment.ts";

interface Deps {
  db: NodePgDatabase;
  engines: Engines;
  directory: FunctionDirectory;
}

export async function listFunctions(
  { db, engines }: Omit<Deps, "directory">,
  { environment, appId, baseId }: FunctionFilter,
  { cursor, limit }: PageRequest,
): Promise<Page<FunctionView>> {
  const before = decodeIdCursor(cursor);
  const rows = await selectFunctions(
    db,
    and(
      isNull(functions.archivedAtMs),
      baseId ? eq(functions.baseId, baseId) : isNull(functions.baseId),
      before ? lt(functions.id, before) : undefined,
      await inEnvironment(db, environment),
      appId ? eq(functions.appId, appId) : ne(apps.state, "stopped"),
    ),
    limit + 1,
  );
  return mapPage(rows, limit, (row) => viewOf(engines, row));
}

/** By name only what is active is found; by id anything. @throws NotFoundError saying what there is. */
export async function getFunction({ db, engines, directory }: Deps, ref: FunctionRef): Promise<FunctionView> {
  const id = "id" in ref ? ref.id : (await directory.resolve(ref.environment, ref.app, ref.name)).functionId;
  const [row] = await selectFunctions(db, eq(functions.id, id), 1);
  if (!row) throw new NotFoundError(`there is no function ${id}; the console's list of apps shows those there are`);
  return viewOf(engines, row);
}

type FunctionRow = Awaited<ReturnType<typeof selectFunctions>>[number];

function selectFunctions(db: NodePgDatabase, condition: SQL | undefined, limit: number) {
  return db
    .select({
      id: functions.id,
      name: functions.name,
      appId: apps.id,
      appName: apps.name,
      appState: apps.state,
      environment: environments.name,
      settings: functions.settings,
      overrides: overridesOfFunction,
      deployedAtMs: deployments.createdAtMs,
      baseId: functions.baseId,
      pool: functions.pool,
      deploymentVersion: deployments.version,
      deployed: sql<boolean>`${apps.state} <> 'stopped' and ${functions.archivedAtMs} is null`,
      createdAtMs: functions.createdAtMs,
    })
    .from(functions)
    .innerJoin(apps, eq(functions.appId, apps.id))
    .innerJoin(environments, eq(apps.environmentId, environments.id))
    .innerJoin(deployments, eq(functions.deploymentId, deployments.id))
    .where(condition)
    .orderBy(desc(functions.id))
    .limit(limit);
}

function viewOf(engines: Engines, { baseId, pool, overrides, deployedAtMs, ...row }: FunctionRow): FunctionView {
  const ofPool = baseId === null ? null : { baseId, label: pool?.label ?? "" };
  const deployed = { settings: row.settings, version: row.deploymentVersion, atMs: deployedAtMs };
  const settings = withEffective(row.settings, effectiveSettings(deployed, [overrideLayer(overrides)]));
  return { ...row, settings, pool: ofPool, stats: engines.stats(row.id) };
}
