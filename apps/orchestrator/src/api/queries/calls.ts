/** Calls, newest first. A running call's counts come from the memory of its engine, which is ahead of the stored ones. */
import { apps } from "@bellows/db/schema/apps";
import { calls } from "@bellows/db/schema/calls";
import { functions } from "@bellows/db/schema/functions";
import { inputChunks } from "@bellows/db/schema/input-chunks";
import type { CallFilter, CallView } from "@bellows/protocol/call-views";
import { whyOf } from "@bellows/protocol/function-why";
import { idTimeMs } from "@bellows/protocol/ids";
import { isFinishedCall } from "@bellows/protocol/states";
import { decodeFirstElement } from "@bellows/protocol/values";
import type { FunctionStats, Page } from "@bellows/protocol/views";
import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Engines, LiveCall } from "../../engine/engines.ts";
import { missingCall } from "../../engine/missing-call.ts";
import { decodeIdCursor, mapPage } from "../pages.ts";
import type { PageRequest } from "../verbs.ts";
import { callsThatFit } from "./call-filter.ts";
import { inEnvironment } from "./in-environment.ts";

type LiveEngines = Pick<Engines, "liveCall" | "stats">;

export interface CallDeps {
  db: NodePgDatabase;
  engines: LiveEngines;
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

/** Those whose id begins or ends like that, the newest first. */
export async function findCalls(
  { db, engines }: Omit<CallDeps, "now" | "retentionMs">,
  { environment, idPart }: { environment?: string | undefined; idPart: string },
  limit: number,
): Promise<CallView[]> {
  const fit = await callsThatFit(db, { environment, idPart }, { beforeId: undefined, limit });
  const rows = await selectCalls(db, fit).orderBy(desc(calls.id)).limit(limit);
  return rows.map((row) => callView(engines, row));
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

/** Enough of an input to hold the longest name of a method. */
const METHOD_BYTES = 1_040;

/** Of a call of a class; its inputs begin with the method's name. A chunk holds the lengths of its inputs, four bytes each, then them. */
const beginOfFirstInput = sql<Uint8Array | null>`case when ${functions.settings}->>'kind' = 'class' then (
  select substring(${inputChunks.inputs} from ${inputChunks.count} * 4 + 1 for ${sql.raw(String(METHOD_BYTES))})
  from ${inputChunks} where ${inputChunks.callId} = ${calls.id} and ${inputChunks.firstIndex} = 0) end`;

type CallRow = Awaited<ReturnType<typeof selectCalls>>[number];

export function selectCalls(db: NodePgDatabase, condition: SQL | undefined) {
  return db
    .select({
      id: calls.id,
      functionId: calls.functionId,
      functionName: functions.name,
      firstInput: beginOfFirstInput,
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
      deployed: sql<boolean>`${apps.state} <> 'stopped' and ${functions.archivedAtMs} is null`,
    })
    .from(calls)
    .innerJoin(functions, eq(calls.functionId, functions.id))
    .innerJoin(apps, eq(calls.appId, apps.id))
    .where(condition)
    .$dynamic();
}

export function callView(engines: LiveEngines, row: CallRow): CallView {
  const { succeeded, failed, cancelled, parentCallId, parentIndex, cancelAskedAtMs, firstInput, ...facts } = row;
  const method = firstInput && decodeFirstElement(firstInput);
  const stored: CallView = {
    ...facts,
    method: typeof method === "string" ? method : null,
    counts: { succeeded, failed, cancelled },
    parent: parentCallId === null ? null : { callId: parentCallId, index: parentIndex ?? 0 },
    cancelAsked: cancelAskedAtMs !== null,
    waitReason: null,
    createdAtMs: idTimeMs(row.id),
  };
  const live = isFinishedCall(row.state) ? undefined : engines.liveCall(row.functionId, row.id);
  if (!live) return stored;
  const receivedCount = Math.max(live.receivedCount, row.receivedCount);
  const waitReason = waitReasonOf(live, engines.stats(row.functionId));
  return { ...stored, counts: live.counts, receivedCount, waitReason };
}

/** A function that cannot go on is said of every call of it; otherwise there is nothing to say while inputs run. */
function waitReasonOf({ waiting, running }: LiveCall, stats: FunctionStats): string | null {
  const isStuck = stats.deadlock !== null || (stats.degraded !== null && waiting.length > 0);
  return isStuck || (waiting.length > 0 && running.length === 0) ? whyOf(stats) : null;
}
