/**
 * Which calls fit a filter, as a condition that costs a page and not a table. Of a rare state the index on states is the
 * way in, otherwise the index of each function that may be meant, each ended after one page.
 */
import { apps } from "@bellows/db/schema/apps";
import { calls } from "@bellows/db/schema/calls";
import { functions } from "@bellows/db/schema/functions";
import { firstIdAt } from "@bellows/protocol/ids";
import type { CallState } from "@bellows/protocol/states";
import type { CallFilter } from "@bellows/protocol/views";
import { and, between, desc, eq, gte, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { environmentNamed } from "../../catalog/environment-named.ts";
import { firstOfFunctions, withPools } from "./first-of-functions.ts";

/** Functions, pools included, whose calls are looked through: the newest. Each run of an app has functions of its own. */
const MAX_FUNCTIONS = 1_001;
/** Calls in the other states are few beside those that succeeded. */
const COMMON_STATE: CallState = "succeeded";

interface Position {
  /** Where the page begins. */
  before: SQL | undefined;
  /** How many of the newest will be read. */
  limit: number;
}

/** @throws NotFoundError for an unknown environment. */
export async function callsThatFit(
  db: NodePgDatabase,
  filter: CallFilter,
  { before, limit }: Position,
): Promise<SQL | undefined> {
  const { environment, appId, functionId, state, kind, search, parentId, fromMs, toMs } = filter;
  const environmentId = environment === undefined ? undefined : await environmentNamed(db, environment);
  const own = functionId ? await functionIds(db, withPools(functionId)) : undefined;
  const condition = and(
    before,
    environmentId ? eq(calls.environmentId, environmentId) : undefined,
    appId ? eq(calls.appId, appId) : undefined,
    parentId ? eq(calls.parentCallId, parentId) : undefined,
    state ? eq(calls.state, state) : undefined,
    kind ? eq(calls.kind, kind) : undefined,
    fromMs === undefined ? undefined : gte(calls.id, firstIdAt(fromMs)),
    toMs === undefined ? undefined : lt(calls.id, firstIdAt(toMs)),
  );
  const isSmall = parentId !== undefined || (state !== undefined && state !== COMMON_STATE);
  const ofFunctions = async (ids: readonly string[]) => {
    if (isSmall) return and(condition, inArray(calls.functionId, [...ids]));
    const of = inArray(functions.id, [...ids]);
    return inArray(calls.id, await firstOfFunctions(db, calls, { of, condition, limit, order: "newest first" }));
  };
  if (!search) return own ? ofFunctions(own) : condition;

  const named = await functionIds(
    db,
    and(
      namesOf(search),
      own ? inArray(functions.id, own) : undefined,
      environmentId ? eq(apps.environmentId, environmentId) : undefined,
      appId ? eq(apps.id, appId) : undefined,
    ),
  );
  const byName = await ofFunctions(named);
  const idRange = idsThatBeginWith(search);
  if (!idRange) return byName;
  const byId = and(condition, idRange, own ? inArray(calls.functionId, own) : undefined);
  if (isSmall) return or(byName, byId);
  // As ids: with `or` over two indexes the planner may read the table in the order of the page instead.
  const found = await db.select({ id: calls.id }).from(calls).where(byId).orderBy(desc(calls.id)).limit(limit);
  return or(
    byName,
    inArray(
      calls.id,
      found.map(({ id }) => id),
    ),
  );
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

/** The range of ids that begin like that; undefined for what no id begins with. */
function idsThatBeginWith(text: string): SQL | undefined {
  const begin = text.toLowerCase();
  const shape = LOWEST_ID.slice(0, begin.length).replaceAll("0", "[0-9a-f]");
  if (begin.length > LOWEST_ID.length || !new RegExp(`^${shape}$`).test(begin)) return undefined;
  const rest = LOWEST_ID.slice(begin.length);
  return between(calls.id, begin + rest, begin + rest.replaceAll("0", "f"));
}
