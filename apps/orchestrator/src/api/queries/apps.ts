/** Apps, newest first, each with the live numbers of its functions. */
import { apps } from "@bellows/db/schema/apps";
import { environments } from "@bellows/db/schema/environments";
import { functions } from "@bellows/db/schema/functions";
import { NotFoundError } from "@bellows/protocol/errors";
import type { AppView, Page } from "@bellows/protocol/views";
import { and, desc, eq, inArray, isNull, lt, ne, type SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { closestNames } from "../../catalog/closest-names.ts";
import type { Engines } from "../../engine/engines.ts";
import { decodeIdCursor, pageOf } from "../pages.ts";
import type { AppFilter, AppRef, PageRequest } from "../verbs.ts";
import { inEnvironment } from "./in-environment.ts";
import { liveTotals } from "./live-stats.ts";

interface QueryDeps {
  db: NodePgDatabase;
  engines: Engines;
}

export async function listApps(
  deps: QueryDeps,
  { environment, includeStopped }: AppFilter,
  { cursor, limit }: PageRequest,
): Promise<Page<AppView>> {
  const before = decodeIdCursor(cursor);
  const rows = await selectApps(
    deps.db,
    and(
      before ? lt(apps.id, before) : undefined,
      await inEnvironment(deps.db, environment),
      includeStopped ? undefined : ne(apps.state, "stopped"),
    ),
    limit + 1,
  );
  const page = pageOf(rows, limit);
  return { items: await viewsOf(deps, page.rows), nextCursor: page.nextCursor };
}

/** @throws NotFoundError naming the apps there are. */
export async function getApp(deps: QueryDeps, ref: AppRef): Promise<AppView> {
  const condition =
    "id" in ref ? eq(apps.id, ref.id) : and(eq(environments.name, ref.environment), eq(apps.name, ref.name));
  const [view] = await viewsOf(deps, await selectApps(deps.db, condition, 1));
  if (view) return view;
  if ("id" in ref) throw new NotFoundError(`there is no app ${ref.id}; \`bellows app list\` shows those there are`);
  const known = await deps.db
    .select({ name: apps.name })
    .from(apps)
    .innerJoin(environments, eq(apps.environmentId, environments.id))
    .where(and(eq(environments.name, ref.environment), ne(apps.state, "stopped")));
  const names = known.map(({ name }) => name);
  const others = names.length > 0 ? `there is ${closestNames(ref.name, names)}` : "`bellows deploy FILE` makes one";
  throw new NotFoundError(`there is no app "${ref.name}" in environment "${ref.environment}"; ${others}`);
}

type AppRow = Awaited<ReturnType<typeof selectApps>>[number];

function selectApps(db: NodePgDatabase, condition: SQL | undefined, limit: number) {
  return db
    .select({
      id: apps.id,
      name: apps.name,
      environment: environments.name,
      state: apps.state,
      version: apps.version,
      createdAtMs: apps.createdAtMs,
      deployedAtMs: apps.deployedAtMs,
    })
    .from(apps)
    .innerJoin(environments, eq(apps.environmentId, environments.id))
    .where(condition)
    .orderBy(desc(apps.id))
    .limit(limit);
}

async function viewsOf({ db, engines }: QueryDeps, rows: readonly AppRow[]): Promise<AppView[]> {
  if (rows.length === 0) return [];
  const appIds = rows.map(({ id }) => id);
  const its = await db
    .select({ id: functions.id, appId: functions.appId, baseId: functions.baseId })
    .from(functions)
    .where(and(inArray(functions.appId, appIds), isNull(functions.archivedAtMs)));
  return rows.map((row) => {
    const own = its.filter(({ appId }) => appId === row.id);
    const functionIds = own.map(({ id }) => id);
    const functionCount = own.filter(({ baseId }) => baseId === null).length;
    return { ...row, functionCount, ...liveTotals(engines, functionIds) };
  });
}
