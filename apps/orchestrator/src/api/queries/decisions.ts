/** What the autoscaler of one function decided, newest first; kept as long as calls are. */
import { decisions } from "@bellows/db/schema/decisions";
import { firstIdAt } from "@bellows/protocol/ids";
import type { DecisionView, Page } from "@bellows/protocol/views";
import { and, desc, eq, gte, lt } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { decodeIdCursor, mapPage } from "../pages.ts";
import type { DecisionFilter, PageRequest } from "../verbs.ts";

/** A row is written so much later than its decision at most, also when Postgres was away. */
const LONGEST_COMMIT_MS = 60 * 60_000;

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
        toMs === undefined
          ? undefined
          : and(lt(decisions.id, firstIdAt(toMs + LONGEST_COMMIT_MS)), lt(decisions.atMs, toMs)),
      ),
    )
    .orderBy(desc(decisions.id))
    .limit(limit + 1);
  return mapPage(rows, limit, (row) => row);
}
