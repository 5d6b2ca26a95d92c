/** Calls, newest first. A running call's counts come from the memory of its engine, which is ahead of the stored ones. */
import { apps } from "@bellows/db/schema/apps";
import { calls } from "@bellows/db/schema/calls";
import { functions } from "@bellows/db/schema/functions";
import { idTimeMs } from "@bellows/protocol/ids";
import { isFinishedCall } from "@bellows/protocol/states";
import type { CallFilter, CallView, Page } from "@bellows/protocol/views";
import { and, desc, eq, type SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Engines } from "../../engine/engines.ts";
import { missingCall } from "../../engine/missing-call.ts";
import { decodeIdCursor, mapPage } from "../pages.ts";
import type { PageRequest } from "../verbs.ts";
import { callsThatFit } from "./call-filter.ts";
import { inEnvironment } from "./in-environment.ts";

export interface CallDeps {
  db: NodePgDatabase;
  engines: Pick<Engines, "liveCall">;
  now: () => number;
  retentionMs: number;
}

export async function listCalls(
  { db, engines }: Omit<CallDeps, "now" | "retentionMs">,
  filter: CallFilter,
  { cursor, limit }: PageRequest,
): Promise<Page<CallView>> {
  const before = decodeIdCursor(cursor);
  const fit = await callsThatFit(db, filter, { beforeId: before, limit: limit + 1 });
  const rows = await selectCalls(db, fit)
    .orderBy(desc(calls.id))
    .limit(limit + 1);
  return mapPage(rows, limit, (row) => callView(engines, row));
}

/** With an environment, only a call in it is found. @throws NotFoundError, OutputExpiredError */
export async function getCall(
  { db, engines, now, retentionMs }: CallDeps,
  id: string,
  environment: string | null = null,
): Promise<CallView> {
  const within = await inEnvironment(db, environment ?? undefined);
  const [row] = await selectCalls(db, and(eq(calls.id, id), within));
  if (!row) throw missingCall(id, { nowMs: now(), retentionMs });
  return callView(engines, row);
}

type CallRow = Awaited<ReturnType<typeof selectCalls>>[number];

export function selectCalls(db: NodePgDatabase, condition: SQL | undefined) {
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
      parentCallId: calls.parentCallId,
      parentIndex: calls.parentIndex,
      cancelAskedAtMs: calls.cancelAskedAtMs,
      finishedAtMs: calls.finishedAtMs,
    })
    .from(calls)
    .innerJoin(functions, eq(calls.functionId, functions.id))
    .innerJoin(apps, eq(calls.appId, apps.id))
    .where(condition)
    .$dynamic();
}

export function callView(engines: Pick<Engines, "liveCall">, row: CallRow): CallView {
  const { succeeded, failed, cancelled, parentCallId, parentIndex, cancelAskedAtMs, ...facts } = row;
  const stored: CallView = {
    ...facts,
    counts: { succeeded, failed, cancelled },
    parent: parentCallId === null ? null : { callId: parentCallId, index: parentIndex ?? 0 },
    cancelAsked: cancelAskedAtMs !== null,
    createdAtMs: idTimeMs(row.id),
  };
  const live = isFinishedCall(row.state) ? undefined : engines.liveCall(row.functionId, row.id);
  if (!live) return stored;
  return { ...stored, counts: live.counts, receivedCount: Math.max(live.receivedCount, row.receivedCount) };
}
