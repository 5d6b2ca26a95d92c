/** Calls, newest first. A running call's counts come from the memory of its engine, which is ahead of the stored ones. */
import { apps } from "@bellows/db/schema/apps";
import { calls } from "@bellows/db/schema/calls";
import { functions } from "@bellows/db/schema/functions";
import { NotFoundError } from "@bellows/protocol/errors";
import { idTimeMs } from "@bellows/protocol/ids";
import { isFinishedCall } from "@bellows/protocol/states";
import type { CallView, Page } from "@bellows/protocol/views";
import { and, desc, eq, lt, type SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Engines } from "../../engine/engines.ts";
import { decodeIdCursor, mapPage } from "../pages.ts";
import type { CallFilter, PageRequest } from "../verbs.ts";
import { inEnvironment } from "./in-environment.ts";

interface Deps {
  db: NodePgDatabase;
  engines: Engines;
}

export async function listCalls(
  { db, engines }: Deps,
  { environment, appId, functionId, state, kind }: CallFilter,
  { cursor, limit }: PageRequest,
): Promise<Page<CallView>> {
  const before = decodeIdCursor(cursor);
  const rows = await selectCalls(
    db,
    and(
      before ? lt(calls.id, before) : undefined,
      await inEnvironment(db, environment),
      appId ? eq(calls.appId, appId) : undefined,
      functionId ? eq(calls.functionId, functionId) : undefined,
      state ? eq(calls.state, state) : undefined,
      kind ? eq(calls.kind, kind) : undefined,
    ),
    limit + 1,
  );
  return mapPage(rows, limit, (row) => viewOf(engines, row));
}

/** @throws NotFoundError */
export async function getCall({ db, engines }: Deps, id: string): Promise<CallView> {
  const [row] = await selectCalls(db, eq(calls.id, id), 1);
  if (!row) throw new NotFoundError(`there is no call ${id}; calls are kept for 7 days`);
  return viewOf(engines, row);
}

type CallRow = Awaited<ReturnType<typeof selectCalls>>[number];

function selectCalls(db: NodePgDatabase, condition: SQL | undefined, limit: number) {
  return db
    .select({
      id: calls.id,
      functionId: calls.functionId,
      functionName: functions.name,
      appId: calls.appId,
      appName: apps.name,
      kind: calls.kind,
      state: calls.state,
      inputCount: calls.inputCount,
      receivedCount: calls.receivedCount,
      succeeded: calls.succeededCount,
      failed: calls.failedCount,
      cancelled: calls.cancelledCount,
      finishedAtMs: calls.finishedAtMs,
    })
    .from(calls)
    .innerJoin(functions, eq(calls.functionId, functions.id))
    .innerJoin(apps, eq(calls.appId, apps.id))
    .where(condition)
    .orderBy(desc(calls.id))
    .limit(limit);
}

function viewOf(engines: Engines, { succeeded, failed, cancelled, ...row }: CallRow): CallView {
  const stored = { ...row, counts: { succeeded, failed, cancelled }, createdAtMs: idTimeMs(row.id) };
  const live = isFinishedCall(row.state) ? undefined : engines.liveCall(row.functionId, row.id);
  if (!live) return stored;
  return { ...stored, counts: live.counts, receivedCount: Math.max(live.receivedCount, row.receivedCount) };
}
