/**
 * The tree that a call is part of. From the call up towards the one that no input made, then down level by level, each
 * call with its oldest children; however many calls there are and however deep, a bounded number is read.
 */
import { calls } from "@bellows/db/schema/calls";
import type { CallTree, CallTreeNode, CallView } from "@bellows/protocol/call-views";
import { inArray, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { z } from "zod";
import { type CallDeps, callView, getCall, selectCalls } from "./calls.ts";

/** A call that each time makes its successor is thousands deep in a week: the tree begins so far above the one asked for. */
const MAX_ANCESTORS = 50;
/** The way to the call that was asked for is shown beyond all of these. */
const MAX_NODES = 300;
const MAX_LEVELS = 12;
const MAX_CHILDREN = 50;
/** Children that are not shown are counted up to here; the number then stands for so many or more. */
const MAX_COUNTED = 1_000;

/** @throws NotFoundError, OutputExpiredError */
export async function callTree(deps: CallDeps, id: string, environment: string | null): Promise<CallTree> {
  const asked = await getCall(deps, id, environment);
  // Whatever a call names as its parent: nothing of another environment is shown.
  const within = sql`${calls.environmentId} = (select asked.environment_id from calls asked where asked.id = ${id})`;
  const path = await pathTo(deps.db, id);
  const nextOnPath = new Map(path.map((callId, i) => [callId, path[i + 1]]));
  const [rootId = id] = path;
  const root: CallTreeNode = {
    call: (await viewsOf(deps, [rootId])).get(rootId) ?? asked,
    children: [],
    hidden: 0,
  };
  let nodesLeft = MAX_NODES;
  let level = [root];
  for (let depth = 1; level.length > 0; depth += 1) {
    const children = await idsOfChildren(deps.db, level, within);
    const shown = new Map<string, string[]>();
    for (const { parentId, ids } of children) {
      const room = depth < MAX_LEVELS ? Math.min(MAX_CHILDREN, nodesLeft) : 0;
      const first = new Set(ids.slice(0, room));
      nodesLeft -= first.size;
      const next = nextOnPath.get(parentId);
      if (next !== undefined) first.add(next);
      shown.set(parentId, [...first].sort());
    }
    const views = await viewsOf(deps, [...shown.values()].flat());
    const counts = new Map(children.map(({ parentId, count }) => [parentId, count]));
    for (const node of level) {
      const calls = (shown.get(node.call.id) ?? []).flatMap((child) => views.get(child) ?? []);
      node.children = calls.map((call) => ({ call, children: [], hidden: 0 }));
      node.hidden = Math.max(0, (counts.get(node.call.id) ?? 0) - calls.length);
    }
    level = level.flatMap((node) => node.children);
  }
  return { root };
}

const pathSchema = z.array(z.object({ id: z.string() }));

/** From the call that no input made (or whose maker is not kept any more, or beyond the limit) down to this one. */
async function pathTo(db: NodePgDatabase, id: string): Promise<string[]> {
  const { rows } = await db.execute(sql`
    with recursive path(id, parent_id, environment_id, height) as (
      select id, parent_call_id, environment_id, 0 from calls where id = ${id}
      union all
      select above.id, above.parent_call_id, above.environment_id, path.height + 1
      from path join calls above on above.id = path.parent_id and above.environment_id = path.environment_id
      where path.height < ${MAX_ANCESTORS}
    )
    select id from path order by height desc`);
  return pathSchema.parse(rows).map((row) => row.id);
}

const childrenSchema = z.array(z.object({ parentId: z.string(), count: z.number(), ids: z.array(z.string()) }));

/** Of each call that has any: how many, and the oldest of them. */
async function idsOfChildren(db: NodePgDatabase, parents: readonly CallTreeNode[], within: SQL) {
  const parentIds = sql.join(
    parents.map(({ call }) => sql`(${call.id}::uuid)`),
    sql`, `,
  );
  const { rows } = await db.execute(sql`
    select parent.id as "parentId", child.count, child.ids
    from (values ${parentIds}) parent(id)
    cross join lateral (
      select count(*)::int as count, (array_agg(oldest.id order by oldest.id))[1:${sql.raw(String(MAX_CHILDREN))}] as ids
      from (
        select ${calls.id} from ${calls} where ${calls.parentCallId} = parent.id and ${within}
        order by ${calls.parentCallId}, ${calls.id} limit ${MAX_COUNTED}
      ) oldest
    ) child
    where child.count > 0`);
  return childrenSchema.parse(rows);
}

async function viewsOf({ db, engines }: CallDeps, ids: readonly string[]): Promise<Map<string, CallView>> {
  if (ids.length === 0) return new Map();
  const rows = await selectCalls(db, inArray(calls.id, [...ids]));
  return new Map(rows.map((row) => [row.id, callView(engines, row)]));
}
