/** What Postgres has of a call. A figure of work that was not done is none, so each is checked there. */
import { setTimeout as delay } from "node:timers/promises";
import { type CallState, isFinishedCall } from "@bellows/protocol/states";
import type { Bed } from "./bed.ts";

const POLL_MS = 20;

/** The state in which the call has ended, which is committed after its outputs. */
export async function ended(bed: Bed, callId: string): Promise<CallState> {
  for (;;) {
    const { rows } = await bed.database.query<{ state: CallState }>("select state from calls where id = $1", [callId]);
    const state = rows[0]?.state ?? "running";
    if (isFinishedCall(state)) return state;
    await delay(POLL_MS);
  }
}

/** @throws Error when an input is missing, like `requireOutputs`. */
export async function requireInputs(bed: Bed, callId: string, count: number): Promise<void> {
  const { rows } = await bed.database.query<{ stored: number }>(
    "select coalesce(sum(count), 0)::int as stored from input_chunks where call_id = $1",
    [callId],
  );
  if (rows[0]?.stored !== count) throw new Error(`${rows[0]?.stored} of ${count} inputs are stored`);
}

/** Succeeded ones. */
export async function requireOutputs(bed: Bed, callId: string, count: number): Promise<void> {
  const { rows } = await bed.database.query<{ stored: number }>(
    "select count(*)::int as stored from outputs where call_id = $1 and status = 0",
    [callId],
  );
  if (rows[0]?.stored !== count) throw new Error(`${rows[0]?.stored} of ${count} outputs are stored`);
}

/** So that no measure pays for what the one before it has written. */
export function checkpoint(bed: Bed): Promise<unknown> {
  return bed.database.query("checkpoint");
}
