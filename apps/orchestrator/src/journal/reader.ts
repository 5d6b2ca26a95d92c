/**
 * Facts out: what recovery, late watchers and the doors need to know of calls. Reads are bounded in rows and in bytes,
 * so that a call of a million inputs costs a window of memory and a call of huge values does not cost all of it.
 */
import { firstIdAt } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { type CallKind, type CallState, OUTPUT_STATUS, type OutputStatus } from "@bellows/protocol/states";
import type pg from "pg";
import type { ContainerOwner, FactReader, StoredInput, StoredOutput } from "./facts.ts";
import { unpackInputs } from "./packed-inputs.ts";
import { storableText } from "./storable-text.ts";

/** Bytes of values after which an answer is cut; one value may go over. */
const ANSWER_BYTES = 8 * 1024 * 1024;
/** Chunks looked at in one answer. */
const ANSWER_CHUNKS = 64;
const IDEMPOTENCY_MS = 24 * 3_600_000;

const STORED_COUNT = `coalesce((select first_index + count from input_chunks
  where call_id = calls.id order by first_index desc limit 1), 0) as "storedCount"`;

const CALL_COLUMNS = `id as "callId", function_id as "functionId", kind, state, input_count as "inputCount", ${STORED_COUNT},
  succeeded_count as succeeded, failed_count as failed, cancelled_count as cancelled,
  cancel_asked_at_ms is not null as "cancelAsked", parent_call_id as "parentCallId", parent_index as "parentIndex"`;

interface CallRow {
  callId: string;
  functionId: string;
  kind: CallKind;
  state: CallState;
  inputCount: number | null;
  storedCount: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  cancelAsked: boolean;
  parentCallId: string | null;
  parentIndex: number | null;
}

export function openFactReader(pool: pg.Pool, now: () => number): FactReader {
  return {
    unfinishedCalls: async (functionId) => {
      const { rows } = await pool.query<CallRow>(
        `select ${CALL_COLUMNS} from calls where function_id = $1 and state = 'running' order by id`,
        [functionId],
      );
      return rows.map(callOf);
    },
    call: (callId) => readCall(pool, callId),
    containerOwners: async (containerIds) => {
      const { rows } = await pool.query<ContainerOwner & { id: string }>(
        `select id, function_id as "functionId", deployment_id as "deploymentId" from containers
          where id = any($1::uuid[]) and stopped_at_ms is null`,
        [containerIds],
      );
      return new Map(rows.map(({ id, ...owner }) => [id, owner]));
    },
    callByIdempotencyKey: async (functionId, key) => {
      const { rows } = await pool.query<{ id: string }>(
        // One that ended before its inputs came has done nothing, and keeps no key.
        `select id from calls where function_id = $1 and idempotency_key = $2 and id >= $3
          and (received_count > 0 or state = 'running') order by id desc limit 1`,
        [functionId, storableText(key), firstIdAt(now() - IDEMPOTENCY_MS)],
      );
      return rows[0]?.id;
    },
    inputsWithoutOutput: (callId, fromIndex, limit) =>
      inSnapshot(pool, (client) => readInputs(client, callId, fromIndex, limit)),
    outputs: (callId, fromIndex, limit) => readOutputs(pool, callId, fromIndex, limit),
  };
}

async function readCall(pool: pg.Pool, callId: string): ReturnType<FactReader["call"]> {
  const { rows } = await pool.query<CallRow>(`select ${CALL_COLUMNS} from calls where id = $1`, [callId]);
  const [row] = rows;
  return row && callOf(row);
}

function callOf({ succeeded, failed, cancelled, parentCallId, parentIndex, ...call }: CallRow) {
  const parent = parentCallId === null || parentIndex === null ? null : { callId: parentCallId, index: parentIndex };
  return { ...call, counts: { succeeded, failed, cancelled }, parent };
}

/**
 * Hand-overs that came back unbegun are not stored. Before a retry of a call there were fewer of them for one input than
 * this, so what is still told of that time has a lower number than whatever is handed over after it.
 */
const UNSTORED_ATTEMPTS = 1_000;

interface ChunkRow {
  first: number;
  count: number;
  bytes: number;
  /** Inputs from `fromIndex` on that have an output. */
  done: number;
}

interface AttemptsRow {
  idx: number;
  failed: number;
  lost: number;
  last: number;
}
const UNTRIED = { failed: 0, lost: 0, last: 0 };

async function readInputs(
  client: pg.ClientBase,
  callId: string,
  fromIndex: number,
  limit: number,
): ReturnType<FactReader["inputsWithoutOutput"]> {
  const { rows: chunks } = await client.query<ChunkRow>(
    `select first_index as first, count, octet_length(inputs) as bytes,
       (select count(*)::int from outputs where call_id = $1
          and idx >= greatest(chunk.first_index, $2) and idx < chunk.first_index + chunk.count) as done
     from input_chunks chunk
     where call_id = $1 and first_index > $2::int - $3 and first_index + count > $2
     order by first_index limit $4`,
    [callId, fromIndex, LIMITS.inputsPerChunk, ANSWER_CHUNKS],
  );
  const { unfinished, nextIndex } = takeChunks(chunks, fromIndex, limit);
  const range = [callId, fromIndex, nextIndex];
  const { rows: counts } = await client.query<{ status: OutputStatus; count: number }>(
    "select status, count(*)::int as count from outputs where call_id = $1 and idx >= $2 and idx < $3 group by status",
    range,
  );
  const countOf = (status: OutputStatus) => counts.find((row) => row.status === status)?.count ?? 0;
  const finished = {
    succeeded: countOf(OUTPUT_STATUS.succeeded),
    failed: countOf(OUTPUT_STATUS.failed),
    cancelled: countOf(OUTPUT_STATUS.cancelled),
  };
  if (unfinished.length === 0) return { inputs: [], nextIndex, finished };

  const firsts = unfinished.map((chunk) => chunk.first);
  const { rows: packed } = await client.query<{ first: number; count: number; inputs: Uint8Array }>(
    `select first_index as first, count, inputs from input_chunks
     where call_id = $1 and first_index = any($2) order by first_index`,
    [callId, firsts],
  );
  // Only chunks that are finished in part are asked for the indexes: most are untouched.
  const partly = unfinished.filter((chunk) => chunk.done > 0).map((chunk) => chunk.first);
  const { rows: done } = await client.query<{ idx: number }>(
    `select idx from input_chunks chunk join outputs using (call_id)
     where call_id = $1 and first_index = any($2) and idx >= first_index and idx < first_index + count`,
    [callId, partly],
  );
  const { rows: tried } = await client.query<AttemptsRow>(
    `select idx, count(*) filter (where outcome = 'failed')::int as failed,
       count(*) filter (where outcome = 'lost')::int as lost,
       max(attempt + case when outcome = 'retried' then ${UNSTORED_ATTEMPTS} else 0 end) as last
     from attempts where call_id = $1 and idx >= $2 and idx < $3 group by idx`,
    range,
  );
  const doneIndexes = new Set(done.map((row) => row.idx));
  const attemptsByIndex = new Map(tried.map((row) => [row.idx, row]));
  const inputs: StoredInput[] = [];
  let index = fromIndex;
  for (const { first, count, inputs: bytes } of packed) {
    const values = unpackInputs(bytes, count);
    for (index = Math.max(index, first); index < first + count; index++) {
      const value = values[index - first];
      if (!value || doneIndexes.has(index)) continue;
      const { failed, lost, last } = attemptsByIndex.get(index) ?? UNTRIED;
      inputs.push({ index, value, failedAttempts: failed, lostAttempts: lost, lastAttempt: last });
    }
  }
  return { inputs, nextIndex, finished };
}

/** As many chunks as hold about `limit` unfinished inputs, within the bytes of one answer; finished ones cost nothing. */
function takeChunks(
  chunks: readonly ChunkRow[],
  fromIndex: number,
  limit: number,
): { unfinished: ChunkRow[]; nextIndex: number } {
  const unfinished: ChunkRow[] = [];
  let nextIndex = fromIndex;
  let missing = 0;
  let bytes = 0;
  for (const chunk of chunks) {
    if (missing >= limit || bytes >= ANSWER_BYTES) break;
    const open = chunk.first + chunk.count - Math.max(chunk.first, fromIndex) - chunk.done;
    nextIndex = Math.max(nextIndex, chunk.first + chunk.count);
    if (open === 0) continue;
    unfinished.push(chunk);
    missing += open;
    bytes += chunk.bytes;
  }
  return { unfinished, nextIndex };
}

async function readOutputs(pool: pg.Pool, callId: string, fromIndex: number, limit: number): Promise<StoredOutput[]> {
  const { rows } = await pool.query<StoredOutput>(
    `select idx as index, status, payload, attempts, container_id as "containerId"
     from (
       select *, sum(octet_length(payload)) over (order by idx) - octet_length(payload) as bytes_before
       from (select * from outputs where call_id = $1 and idx >= $2 order by idx limit $3) page
     ) sized
     where bytes_before < $4 order by idx`,
    [callId, fromIndex, limit, ANSWER_BYTES],
  );
  return rows;
}

/** Several queries that see the same state, whatever the journal commits meanwhile. */
async function inSnapshot<T>(pool: pg.Pool, read: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query("begin isolation level repeatable read read only");
    const result = await read(client);
    await client.query("commit");
    broken = false;
    return result;
  } finally {
    client.release(broken);
  }
}
