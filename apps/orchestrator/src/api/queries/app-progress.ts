/**
 * How far all calls of an app are together, for who watches a run of it. Each call of the app is looked at, so it is no
 * question for apps of years. Stored counts of a running call are up to a second old; those of the newest are brought up
 * to date from the engines' memory.
 */
import { calls } from "@bellows/db/schema/calls";
import { CALL_STATES, isFinishedCall } from "@bellows/protocol/states";
import type { AppProgressView } from "@bellows/protocol/views";
import { and, desc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Engines } from "../../engine/engines.ts";
import { getApp } from "./apps.ts";

interface Deps {
  db: NodePgDatabase;
  engines: Engines;
}

/** Of more running calls than these it is seen up to a second late what has ended. */
const MAX_LIVE = 1_000;

const isUnfinished = inArray(
  calls.state,
  CALL_STATES.filter((state) => !isFinishedCall(state)),
);
/** While the source of a map is read, as many as have come. */
const inputs = sql<number>`coalesce(${calls.inputCount}, ${calls.receivedCount})`;

/** @throws NotFoundError */
export async function appProgress({ db, engines }: Deps, appId: string): Promise<AppProgressView> {
  const [{ queued, running, liveContainers }, { unfinished, ...sums }, ahead] = await Promise.all([
    getApp({ db, engines }, { id: appId }),
    storedSums(db, appId),
    aheadOfStored({ db, engines }, appId),
  ]);
  const counts = {
    succeeded: sums.succeeded + ahead.succeeded,
    failed: sums.failed + ahead.failed,
    cancelled: sums.cancelled + ahead.cancelled,
  };
  return { unfinished, inputs: sums.inputs + ahead.inputs, counts, queued, running, liveContainers };
}

async function storedSums(db: NodePgDatabase, appId: string) {
  const [sums] = await db
    .select({
      unfinished: sql`count(*) filter (where ${isUnfinished})`.mapWith(Number),
      inputs: total(inputs),
      succeeded: total(calls.succeededCount),
      failed: total(calls.failedCount),
      cancelled: total(calls.cancelledCount),
    })
    .from(calls)
    .where(eq(calls.appId, appId));
  return sums ?? { unfinished: 0, inputs: 0, succeeded: 0, failed: 0, cancelled: 0 };
}

function total(column: SQL | PgColumn) {
  return sql`coalesce(sum(${column}), 0)`.mapWith(Number);
}

/** What memory knows beyond the rows of the newest running calls. One that ends between the two questions adds nothing. */
async function aheadOfStored({ db, engines }: Deps, appId: string) {
  const rows = await db
    .select({
      id: calls.id,
      functionId: calls.functionId,
      inputCount: calls.inputCount,
      received: calls.receivedCount,
      succeeded: calls.succeededCount,
      failed: calls.failedCount,
      cancelled: calls.cancelledCount,
    })
    .from(calls)
    .where(and(eq(calls.appId, appId), isUnfinished))
    .orderBy(desc(calls.id))
    .limit(MAX_LIVE);
  const ahead = { inputs: 0, succeeded: 0, failed: 0, cancelled: 0 };
  for (const { id, functionId, inputCount, received, ...stored } of rows) {
    const live = engines.liveCall(functionId, id);
    if (!live) continue;
    for (const end of ["succeeded", "failed", "cancelled"] as const) {
      ahead[end] += Math.max(0, live.counts[end] - stored[end]);
    }
    if (inputCount === null) ahead.inputs += Math.max(0, live.receivedCount - received);
  }
  return ahead;
}
