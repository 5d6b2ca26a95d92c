/** What the autoscaler of one function decided, newest first; kept as long as calls are. */
import { decisions } from "@bellows/db/schema/decisions";
import { firstIdAt } from "@bellows/protocol/ids";
import type { DecisionView, Page } from "@bellows/protocol/views";
import { and, desc, eq, gte, lt } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { decodeIdCursor, mapPage } from "../pages.ts";
import type { DecisionFilter, PageRequest } from "../verbs.ts";

export async function listDecisions(
  db: NodePgDatabase,
  { functionId, fromMs, toMs }: DecisionFilter,
  { cursor, limit }: PageRequest,
): Promise<Page<DecisionView>> {
  const before = decodeIdCursor(cursor);
  const rows = await db
    .select({
      id: decisions.id,
      atMs: decisions.atMs,
      desired: decisions.desired,
      current: decisions.current,
      queued: decisions.queued,
      running: decisions.running,
      cappedBy: decisions.cappedBy,
      reason: decisions.reason,
    })
    .from(decisions)
    .where(
      and(
        eq(decisions.functionId, functionId),
        before ? lt(decisions.id, before) : undefined,
        // A row is written after its decision, so its id is no earlier: days before need not be looked at.
        fromMs === undefined ? undefined : and(gte(decisions.id, firstIdAt(fromMs)), gte(decisions.atMs, fromMs)),
        toMs === undefined ? undefined : lt(decisions.atMs, toMs),
      ),
    )
    .orderBy(desc(decisions.id))
    .limit(limit + 1);
  return mapPage(rows, limit, (row) => row);
}
