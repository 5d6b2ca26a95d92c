/**
 * Which calls fit a filter, as a condition that costs a page and not a table: the ids of the page, found by the index of
 * what the filter names, each range of it left after one page. Ends of ids have no index; a bounded number is looked at.
 */
import { apps } from "@bellows/db/schema/apps";
import { calls } from "@bellows/db/schema/calls";
import { environments } from "@bellows/db/schema/environments";
import { functions } from "@bellows/db/schema/functions";
import type { CallFilter } from "@bellows/protocol/call-views";
import { endOfId, firstIdAt, ID_ENDS_SEARCHED, idsThatBeginWith } from "@bellows/protocol/ids";
import { and, between, desc, eq, gte, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { environmentNamed } from "../../catalog/environment-named.ts";
import { type CallSearch, newestCalls } from "../../journal/newest-calls.ts";
import { firstOfFunctions, withPools } from "./first-of-functions.ts";

/** Functions, pools included, whose calls are looked through: the newest. Each run of an app has functions of its own. */
const MAX_FUNCTIONS = 1_001;

type Range = NonNullable<ReturnType<typeof idsThatBeginWith>>;

interface Position {
  /** The page begins with the first call older than this one. */
  beforeId: string | undefined;
  /** How many of the newest will be read. */
  limit: number;
}

/** `idPart`: those alone whose id begins or ends like that; then there is no `search`. @throws NotFoundError for an unknown environment. */
export async function callsThatFit(
  db: NodePgDatabase,
  filter: CallFilter & { idPart?: string | undefined },
  { beforeId, limit }: Position,
): Promise<SQL | undefined> {
  const { environment, appId, functionId, state, kind, search, idPart, parentId, fromMs, toMs } = filter;
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
  const newest = (scope: CallSearch["scope"], scopeIds: readonly string[], range: Range = bounds) =>
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
  async function ofRange(range?: Range): Promise<SQL | undefined> {
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

  /** As ids: with `or` over two indexes the planner may read the table in the order of the page instead. */
  async function ofIdsLike(text: string): Promise<SQL> {
    const range = idsThatBeginWith(text);
    const inOwn = own ? inArray(calls.functionId, own) : undefined;
    const [begun, ended] = await Promise.all([
      range ? firstIds(db, await ofRange(range), limit) : [],
      idsThatEndWith(db, text, { inTime, condition: and(condition, inOwn) }),
    ]);
    return withIds([...begun, ...ended]);
  }

  if (idPart) return ofIdsLike(idPart);
  if (!search) return own ? ofFunctions(own) : ofRange();
  const named = await functionIds(db, and(namesOf(search), own ? inArray(functions.id, own) : undefined, inPlace));
  return or(await ofFunctions(named), await ofIdsLike(search));
}

function firstIds(db: NodePgDatabase, condition: SQL | undefined, limit: number): Promise<string[]> {
  return idsOf(db.select({ id: calls.id }).from(calls).where(condition).orderBy(desc(calls.id)).limit(limit));
}

async function idsThatEndWith(
  db: NodePgDatabase,
  text: string,
  { inTime, condition }: { inTime: SQL | undefined; condition: SQL | undefined },
): Promise<string[]> {
  const end = endOfId(text);
  if (end === undefined) return [];
  const newest = db
    .select({ id: calls.id })
    .from(calls)
    .where(inTime)
    .orderBy(desc(calls.id))
    .limit(ID_ENDS_SEARCHED)
    .as("newest");
  const ending = await idsOf(
    db.select({ id: newest.id }).from(newest).where(sql`right(${newest.id}::text, ${end.length}) = ${end}`),
  );
  return idsOf(
    db
      .select({ id: calls.id })
      .from(calls)
      .where(and(withIds(ending), condition)),
  );
}

async function idsOf(rows: PromiseLike<{ id: string }[]>): Promise<string[]> {
  return (await rows).map(({ id }) => id);
}

function withIds(ids: readonly string[]): SQL {
  return inArray(calls.id, [...ids]);
}

function appIds(db: NodePgDatabase, condition: SQL | undefined): Promise<string[]> {
  return idsOf(db.select({ id: apps.id }).from(apps).where(condition));
}

function environmentIds(db: NodePgDatabase): Promise<string[]> {
  return idsOf(db.select({ id: environments.id }).from(environments));
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
