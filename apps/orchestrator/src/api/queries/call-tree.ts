/**
 * The tree that a call is part of. From the call up to the one that no input made, then down level by level, each call
 * with its oldest children; however many calls there are, a bounded number is read.
 */
import { calls } from "@bellows/db/schema/calls";
import type { CallTree, CallTreeNode, CallView } from "@bellows/protocol/views";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { z } from "zod";
import { type CallDeps, callView, getCall, selectCalls } from "./calls.ts";

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
  const path = await pathTo(deps, asked, within);
  const nextOnPath = new Map(path.map((call, i) => [call.id, path[i + 1]?.id]));
  const root: CallTreeNode = { call: path[0], children: [], hidden: 0 };
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

/** From the call that no input made (or whose maker is not kept any more) down to this one. */
async function pathTo(deps: CallDeps, call: CallView, within: SQL): Promise<[CallView, ...CallView[]]> {
  const path: [CallView, ...CallView[]] = [call];
  const seen = new Set([call.id]);
  for (let parent = call.parent; parent && !seen.has(parent.callId); parent = path[0].parent) {
    seen.add(parent.callId);
    const [row] = await selectCalls(deps.db, and(eq(calls.id, parent.callId), within));
    if (!row) break;
    path.unshift(callView(deps.engines, row));
  }
  return path;
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
