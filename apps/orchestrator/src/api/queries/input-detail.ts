/** One input in full: its arguments, how it ended, the attempts that failed before. */
import { attempts } from "@bellows/db/schema/attempts";
import { functions } from "@bellows/db/schema/functions";
import { inputChunks } from "@bellows/db/schema/input-chunks";
import { outputs } from "@bellows/db/schema/outputs";
import type { AttemptView, InputDetailView, InputView, ValuePreview } from "@bellows/protocol/call-views";
import { NotFoundError } from "@bellows/protocol/errors";
import { idTimeMs } from "@bellows/protocol/ids";
import { type FunctionKind, OUTPUT_STATUS, type OutputStatus } from "@bellows/protocol/states";
import { and, asc, desc, eq, lte } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Engines } from "../../engine/engines.ts";
import { unpackInputs } from "../../journal/packed-inputs.ts";
import { argumentsPreviewOf, previewOf, storedError } from "../previews.ts";
import { callNow, inputViews } from "./inputs.ts";

interface Deps {
  db: NodePgDatabase;
  engines: Engines;
  now: () => number;
  retentionMs: number;
}

/** @throws NotFoundError when there is no such call or no such input of it. */
export async function getInput(deps: Deps, callId: string, index: number): Promise<InputDetailView> {
  const now = await callNow(deps, callId);
  const { receivedCount } = now.call;
  const [view] = index < receivedCount ? await inputViews(deps.db, now, [index]) : [];
  if (!view) {
    throw new NotFoundError(`call ${callId} has no input ${index}; it has ${receivedCount}, counted from 0`);
  }
  const [kind, argumentBytes, payload, failedAttempts] = await Promise.all([
    kindOf(deps.db, now.call.functionId),
    storedArguments(deps.db, callId, index),
    storedPayload(deps.db, callId, index),
    listAttempts(deps.db, view),
  ]);
  return {
    ...view,
    arguments: argumentBytes ? argumentsPreviewOf(argumentBytes, kind) : NOT_STORED,
    ...(payload ? endOf(payload.status, payload.bytes) : { result: null, error: null }),
    failedAttempts,
  };
}

/** Sync inputs are run while they are being stored. */
const NOT_STORED: ValuePreview = { text: "(not stored yet)", bytes: 0, truncated: false };

/** The result of an input that succeeded, or the error of one that did not. */
export function endOf(status: OutputStatus, payload: Uint8Array): Pick<InputDetailView, "result" | "error"> {
  if (status === OUTPUT_STATUS.succeeded) return { result: previewOf(payload), error: null };
  return { result: null, error: storedError(payload) };
}

async function kindOf(db: NodePgDatabase, functionId: string): Promise<FunctionKind> {
  const [row] = await db.select({ settings: functions.settings }).from(functions).where(eq(functions.id, functionId));
  return row?.settings.kind ?? "function";
}

async function storedArguments(db: NodePgDatabase, callId: string, index: number): Promise<Uint8Array | undefined> {
  const [chunk] = await db
    .select()
    .from(inputChunks)
    .where(and(eq(inputChunks.callId, callId), lte(inputChunks.firstIndex, index)))
    .orderBy(desc(inputChunks.firstIndex))
    .limit(1);
  return chunk && unpackInputs(chunk.inputs, chunk.count)[index - chunk.firstIndex];
}

async function storedPayload(db: NodePgDatabase, callId: string, index: number) {
  const [row] = await db
    .select({ status: outputs.status, bytes: outputs.payload })
    .from(outputs)
    .where(and(eq(outputs.callId, callId), eq(outputs.idx, index)));
  return row;
}

async function listAttempts(db: NodePgDatabase, { callId, index, queuedAtMs }: InputView): Promise<AttemptView[]> {
  const rows = await db
    .select()
    .from(attempts)
    .where(and(eq(attempts.callId, callId), eq(attempts.idx, index)))
    .orderBy(asc(attempts.attempt));
  // Counted anew: the stored numbers have gaps, of hand-overs that never began.
  return rows.map(({ outcome, containerId, startedAtMs, finishedAtMs, error }, earlier) => {
    // A retry queues the input again: attempts from before it have waited since the one before them, or since the call was made.
    const sinceMs = rows[earlier - 1]?.finishedAtMs ?? idTimeMs(callId);
    const untilMs = startedAtMs ?? finishedAtMs;
    return {
      attempt: earlier + 1,
      outcome,
      containerId,
      queuedAtMs: Math.min(untilMs, queuedAtMs <= untilMs ? Math.max(queuedAtMs, sinceMs) : sinceMs),
      startedAtMs,
      finishedAtMs,
      error: storedError(error),
    };
  });
}
