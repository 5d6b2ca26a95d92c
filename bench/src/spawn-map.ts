/** One durable call with many inputs, as `spawnMap` makes it: stored first, run whether or not this program lives on. */
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { encodeValue } from "@bellows/protocol/values";
import type { OpenCall } from "@bellows/sdk/client-link";
import type { Bed, FunctionName } from "./bed.ts";

/** Inputs handed to the link at a time, so that it sends while more are made. */
const TURN_INPUTS = 8_192;
const POLL_MS = 10;

export interface SpawnedMap {
  callId: string;
  /** Resolves when every input is in Postgres. */
  stored: Promise<void>;
}

/** Starts to send the inputs at once. */
export function spawnMap(bed: Bed, name: FunctionName, count: number): SpawnedMap {
  let callId = "";
  const stored = new Promise<void>((resolve, reject) => {
    const call = bed.link.open(bed.target(name), "spawnMap", {
      outputs: () => {},
      stored: resolve,
      finished: () => {},
      failed: reject,
    });
    callId = call.callId;
    send(call, count).catch(reject);
  });
  return { callId, stored };
}

async function send(call: OpenCall, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    if (index % TURN_INPUTS === 0) await nextTurn();
    call.send(encodeValue([undefined, index]));
  }
  call.close();
}

/**
 * Resolves when Postgres has the end of the call, which is committed after its outputs.
 * @throws Error when it did not succeed.
 */
export async function finished(bed: Bed, callId: string): Promise<void> {
  for (;;) {
    const { rows } = await bed.database.query<{ state: string }>("select state from calls where id = $1", [callId]);
    const state = rows[0]?.state ?? "running";
    if (state === "succeeded") return;
    if (state !== "running") throw new Error(`the call ended as ${state}`);
    await delay(POLL_MS);
  }
}

/** @throws Error when an input is missing in Postgres, like `requireOutputs`. */
export async function requireInputs(bed: Bed, callId: string, count: number): Promise<void> {
  const { rows } = await bed.database.query<{ stored: number }>(
    "select coalesce(sum(count), 0)::int as stored from input_chunks where call_id = $1",
    [callId],
  );
  if (rows[0]?.stored !== count) throw new Error(`${rows[0]?.stored} of ${count} inputs are stored`);
}

/** @throws Error when an output is missing: a figure of work that was not done is none. */
export async function requireOutputs(bed: Bed, callId: string, count: number): Promise<void> {
  const { rows } = await bed.database.query<{ stored: number }>(
    "select count(*)::int as stored from outputs where call_id = $1",
    [callId],
  );
  if (rows[0]?.stored !== count) throw new Error(`${rows[0]?.stored} of ${count} outputs are stored`);
}
