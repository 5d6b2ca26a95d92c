/**
 * Which calls fit a filter, as a condition that costs a page and not a table: the ids of the page, found by the index of
 * what the filter names, each range of it left after one page.
 */
import { apps } from "@bellows/db/schema/apps";
import { calls } from "@bellows/db/schema/calls";
import { environments } from "@bellows/db/schema/environments";
import { functions } from "@bellows/db/schema/functions";
import { firstIdAt } from "@bellows/protocol/ids";
import type { CallFilter } from "@bellows/protocol/views";
import { and, between, desc, eq, gte, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { environmentNamed } from "../../catalog/environment-named.ts";
import { type CallSearch, newestCalls } from "../../journal/newest-calls.ts";
import { firstOfFunctions, withPools } from "./first-of-functions.ts";

/** Functions, pools included, whose calls are looked through: the newest. Each run of an app has functions of its own. */
const MAX_FUNCTIONS = 1_001;

interface Position {
  /** The page begins with the first call older than this one. */
  beforeId: string | undefined;
  /** How many of the newest will be read. */
  limit: number;
}

/** @throws NotFoundError for an unknown environment. */
export async function callsThatFit(
  db: NodePgDatabase,
  filter: CallFilter,
  { beforeId, limit }: Position,
): Promise<SQL | undefined> {
  const { environment, appId, functionId, state, kind, search, parentId, fromMs, toMs } = filter;
  const environmentId = environment === undefined ? undefined : await environmentNamed(db, environment);
  const inPlace = and(
    environmentId ? eq(apps.environmentId, environmentId) : undefined,
    appId ? eq(apps.id, appId) : undefined,
  );
  const own = functionId ? await functionIds(db, and(withPools(functionId), inPlace)) : undefined;
  const inTime = and(
    beforeId ? lt(calls.id, beforeId) : undefined,
    fromMs === undefined ? undefined : gte(calls.id, firstIdAt(fromMs)),
    toMs === undefined ? undefined : lt(calls.id, firstIdAt(toMs)),
  );
  const condition = and(
    inTime,
    environmentId ? eq(calls.environmentId, environmentId) : undefined,
    appId ? eq(calls.appId, appId) : undefined,
    parentId ? eq(calls.parentCallId, parentId) : undefined,
    state ? eq(calls.state, state) : undefined,
    kind ? eq(calls.kind, kind) : undefined,
  );
  const bounds = { lowId: fromMs === undefined ? LOWEST_ID : firstIdAt(fromMs), highId: beforeId ?? HIGHEST_ID };
  const newest = (scope: CallSearch["scope"], scopeIds: readonly string[], range: IdRange = bounds) =>
    newestCalls(db, { scope, scopeIds, kind, state, ...range, condition: inTime, limit });

  /** The page of these functions. */
  async function ofFunctions(ids: readonly string[]): Promise<SQL | undefined> {
    if (parentId !== undefined) return and(condition, inArray(calls.functionId, [...ids]));
    // Without kind and state the index on functions alone is the shorter way.
    const found = kind || state ? await newest("function", ids) : undefined;
    const of = inArray(functions.id, [...ids]);
    return withIds(found ?? (await firstOfFunctions(db, calls, { of, condition, limit, order: "newest first" })));
  }

  /** The page of everything that the filter leaves, among the ids of a range. */
  async function ofRange(range?: IdRange): Promise<SQL | undefined> {
    const within = range && between(calls.id, range.lowId, range.highId);
    if (parentId !== undefined) return and(condition, within);
    const found = own
      ? await newest("function", own, range)
      : appId
        ? await newest("app", await appIds(db, inPlace), range)
        : environmentId
          ? await newest("environment", [environmentId], range)
          : kind || state
            ? await newest("environment", await environmentIds(db), range)
            : undefined;
    return found ? withIds(found) : and(condition, within, own ? inArray(calls.functionId, own) : undefined);
  }

  if (!search) return own ? ofFunctions(own) : ofRange();
  const named = await functionIds(db, and(namesOf(search), own ? inArray(functions.id, own) : undefined, inPlace));
  const idRange = idsThatBeginWith(search);
  if (!idRange) return ofFunctions(named);
  // As ids: with `or` over two indexes the planner may read the table in the order of the page instead.
  const byId = await db
    .select({ id: calls.id })
    .from(calls)
    .where(await ofRange(idRange))
    .orderBy(desc(calls.id))
    .limit(limit);
  return or(await ofFunctions(named), withIds(byId.map(({ id }) => id)));
}

function withIds(ids: readonly string[]): SQL {
  return inArray(calls.id, [...ids]);
}

async function appIds(db: NodePgDatabase, condition: SQL | undefined): Promise<string[]> {
  const rows = await db.select({ id: apps.id }).from(apps).where(condition);
  return rows.map(({ id }) => id);
}

async function environmentIds(db: NodePgDatabase): Promise<string[]> {
  const rows = await db.select({ id: environments.id }).from(environments);
  return rows.map(({ id }) => id);
}

async function functionIds(db: NodePgDatabase, condition: SQL | undefined): Promise<string[]> {
  const rows = await db
    .select({ id: functions.id })
    .from(functions)
    .innerJoin(apps, eq(functions.appId, apps.id))
    .where(condition)
    .orderBy(desc(functions.id))
    .limit(MAX_FUNCTIONS);
  return rows.map(({ id }) => id);
}

/** Functions that a word names, or whose app it names; `APP/FUNCTION` names both. */
function namesOf(search: string): SQL | undefined {
  const slash = search.indexOf("/");
  if (slash < 0) return or(contains(functions.name, search), contains(apps.name, search));
  return and(contains(apps.name, search.slice(0, slash)), contains(functions.name, search.slice(slash + 1)));
}

function contains(column: typeof functions.name | typeof apps.name, text: string): SQL {
  return sql`strpos(lower(${column}), lower(${text})) > 0`;
}

const LOWEST_ID = "00000000-0000-0000-0000-000000000000";
const HIGHEST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** Both included. */
interface IdRange {
  lowId: string;
  highId: string;
}

/** The range of ids that begin like that; undefined for what no id begins with. */
function idsThatBeginWith(text: string): IdRange | undefined {
  const begin = text.toLowerCase();
  const shape = LOWEST_ID.slice(0, begin.length).replaceAll("0", "[0-9a-f]");
  if (begin.length > LOWEST_ID.length || !new RegExp(`^${shape}$`).test(begin)) return undefined;
  return { lowId: begin + LOWEST_ID.slice(begin.length), highId: begin + HIGHEST_ID.slice(begin.length) };
}
