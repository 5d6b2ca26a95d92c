/**
 * The inputs of a call, by index. How an input ended is stored; that it runs is in the engine's memory; everything
 * else that was received is queued. No list reads values.
 */
import { attempts } from "@bellows/db/schema/attempts";
import { outputs } from "@bellows/db/schema/outputs";
import type { CallView, InputView } from "@bellows/protocol/call-views";
import { idTimeMs } from "@bellows/protocol/ids";
import {
  type InputState,
  isFinishedCall,
  OUTPUT_STATUS,
  type OutputStatusName,
  outputStatusName,
} from "@bellows/protocol/states";
import type { Page } from "@bellows/protocol/views";
import { and, asc, count, eq, gte, inArray, lt } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Engines, RunningInput } from "../../engine/engines.ts";
import { decodeIndexCursor, indexCursor } from "../pages.ts";
import type { InputFilter, PageRequest } from "../verbs.ts";
import { getCall } from "./calls.ts";

interface Deps {
  db: NodePgDatabase;
  engines: Engines;
  now: () => number;
  retentionMs: number;
}

/** A call with what runs of it now. */
interface CallNow {
  call: CallView;
  running: ReadonlyMap<number, RunningInput>;
  /** What the engine knows to be queued, and up to which index it knows all; nothing when it does not have the call. */
  waiting: readonly number[];
  knownTo: number;
}

/** Indexes that one look for queued inputs goes through; a long finished stretch is skipped by its count alone. */
const QUEUED_STRETCH = 50_000;

/** @throws NotFoundError when there is no such call. */
export async function listInputs(
  deps: Deps,
  { callId, state, from: firstIndex = 0 }: InputFilter,
  { cursor, limit }: PageRequest,
): Promise<Page<InputView>> {
  const from = cursor === undefined ? firstIndex : decodeIndexCursor(cursor);
  const now = await callNow(deps, callId);
  const indexes = await indexesOf(deps.db, now, state, { from, limit: limit + 1 });
  const shown = indexes.slice(0, limit);
  const items = await inputViews(deps.db, now, shown);
  const next = indexes[limit];
  return { items, nextCursor: next === undefined ? null : indexCursor(next) };
}

export async function callNow(deps: Deps, callId: string): Promise<CallNow> {
  const call = await getCall(deps, callId);
  const live = deps.engines.liveCall(call.functionId, callId);
  return {
    call,
    running: new Map(live?.running.map((input) => [input.index, input])),
    waiting: live?.waiting ?? [],
    knownTo: live?.knownTo ?? 0,
  };
}

/** The views of some inputs that were received, in the order given. An output found wins over "running". */
export async function inputViews(
  db: NodePgDatabase,
  { call, running }: CallNow,
  indexes: readonly number[],
): Promise<InputView[]> {
  if (indexes.length === 0) return [];
  const wanted = [...indexes];
  const [ended, failedAttempts] = await Promise.all([
    db
      .select({
        index: outputs.idx,
        status: outputs.status,
        attempts: outputs.attempts,
        containerId: outputs.containerId,
        queuedAtMs: outputs.queuedAtMs,
        startedAtMs: outputs.startedAtMs,
        finishedAtMs: outputs.finishedAtMs,
      })
      .from(outputs)
      .where(and(eq(outputs.callId, call.id), inArray(outputs.idx, wanted))),
    db
      .select({ index: attempts.idx, failed: count() })
      .from(attempts)
      .where(and(eq(attempts.callId, call.id), inArray(attempts.idx, wanted), eq(attempts.outcome, "failed")))
      .groupBy(attempts.idx),
  ]);
  const endedByIndex = new Map(ended.map((output) => [output.index, output]));
  const failedByIndex = new Map(failedAttempts.map((failed) => [failed.index, failed.failed]));
  return wanted.map((index): InputView => {
    const output = endedByIndex.get(index);
    if (output) {
      const { status, ...facts } = output;
      return { callId: call.id, ...facts, state: outputStatusName(status) };
    }
    const run = running.get(index);
    // As in an output: those charged to the user's code since the last retry. Numbers of attempts have gaps.
    const failed = failedByIndex.get(index) ?? 0;
    const waiting = { callId: call.id, index, queuedAtMs: idTimeMs(call.id), finishedAtMs: null };
    if (run) {
      return {
        ...waiting,
        state: "running",
        attempts: failed + 1,
        containerId: run.containerId,
        startedAtMs: run.startedAtMs,
      };
    }
    return {
      ...waiting,
      state: "queued",
      attempts: failed,
      containerId: null,
      startedAtMs: null,
    };
  });
}

interface Range {
  from: number;
  limit: number;
}

async function indexesOf(
  db: NodePgDatabase,
  now: CallNow,
  state: InputState | undefined,
  range: Range,
): Promise<number[]> {
  switch (state) {
    case undefined:
      return upTo(range.from, Math.min(now.call.receivedCount, range.from + range.limit));
    case "running":
      return [...now.running.keys()]
        .filter((index) => index >= range.from)
        .sort((a, b) => a - b)
        .slice(0, range.limit);
    case "queued":
      return queuedIndexes(db, now, range);
    default:
      return endedIndexes(db, now.call, state, range);
  }
}

function upTo(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, offset) => from + offset);
}

async function endedIndexes(
  db: NodePgDatabase,
  call: CallView,
  state: OutputStatusName,
  { from, limit }: Range,
): Promise<number[]> {
  const rows = await db
    .select({ index: outputs.idx })
    .from(outputs)
    .where(and(eq(outputs.callId, call.id), eq(outputs.status, OUTPUT_STATUS[state]), gte(outputs.idx, from)))
    .orderBy(asc(outputs.idx))
    .limit(limit);
  return rows.map(({ index }) => index);
}

/** Of a running call the engine knows where the queue begins; only what it has not loaded yet is looked up. */
async function queuedIndexes(
  db: NodePgDatabase,
  { call, running, waiting, knownTo }: CallNow,
  { from, limit }: Range,
): Promise<number[]> {
  if (isFinishedCall(call.state)) return [];
  const found = waiting
    .filter((index) => index >= from && index < Math.min(knownTo, call.receivedCount))
    .sort((a, b) => a - b)
    .slice(0, limit);
  for (
    let start = Math.max(from, knownTo);
    start < call.receivedCount && found.length < limit;
    start += QUEUED_STRETCH
  ) {
    const end = Math.min(call.receivedCount, start + QUEUED_STRETCH);
    const within = and(eq(outputs.callId, call.id), gte(outputs.idx, start), lt(outputs.idx, end));
    const [ended] = await db.select({ count: count() }).from(outputs).where(within);
    if (ended?.count === end - start) continue;
    const rows = ended?.count === 0 ? [] : await db.select({ index: outputs.idx }).from(outputs).where(within);
    const done = new Set(rows.map(({ index }) => index));
    for (let index = start; index < end && found.length < limit; index++) {
      if (!done.has(index) && !running.has(index)) found.push(index);
    }
  }
  return found;
}
