/**
 * What the facts of one group say about each call, gathered so that a call is written once per group however many
 * chunks and progress reports the group holds: a single call that was opened, filled and closed is one insert.
 */
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { CallKind, CallState } from "@bellows/protocol/states";
import { storableJson, storableText } from "./storable-text.ts";
import type { Step } from "./transaction.ts";

/** Named as the columns; null is "the group says nothing about it". */
interface CallRow {
  id: string;
  function_id: string;
  environment_id: string | null;
  kind: CallKind | null;
  idempotency_key: string | null;
  state: CallState | null;
  input_count: number | null;
  received_count: number | null;
  succeeded_count: number | null;
  failed_count: number | null;
  cancelled_count: number | null;
  finished_at_ms: number | null;
  parent_call_id: string | null;
  parent_index: number | null;
  cancel_asked_at_ms: number | null;
}

const COLUMNS = `id uuid, function_id uuid, environment_id uuid, kind text, idempotency_key text, state text, input_count int,
  received_count int, succeeded_count int, failed_count int, cancelled_count int, finished_at_ms bigint,
  parent_call_id uuid, parent_index int, cancel_asked_at_ms bigint`;

/** A call that exists keeps what the group says nothing about. The id of another function's call is refused: by a null. */
export const INSERT_CALLS = `
  insert into calls (id, function_id, app_id, environment_id, kind, idempotency_key, state, input_count,
    received_count, succeeded_count, failed_count, cancelled_count, finished_at_ms, parent_call_id, parent_index, cancel_asked_at_ms)
  select r.id, r.function_id, f.app_id, r.environment_id, r.kind, r.idempotency_key, coalesce(r.state, 'running'), r.input_count,
    coalesce(r.received_count, 0), coalesce(r.succeeded_count, 0), coalesce(r.failed_count, 0), coalesce(r.cancelled_count, 0),
    r.finished_at_ms, r.parent_call_id, r.parent_index, r.cancel_asked_at_ms
  from json_to_recordset($1::json) as r (${COLUMNS}) left join functions f on f.id = r.function_id
  on conflict (id) do update set
    function_id = case when calls.function_id = excluded.function_id then calls.function_id end,
    state = case when excluded.state = 'running' then calls.state else excluded.state end,
    input_count = coalesce(excluded.input_count, calls.input_count),
    received_count = greatest(excluded.received_count, calls.received_count),
    succeeded_count = greatest(excluded.succeeded_count, calls.succeeded_count),
    failed_count = greatest(excluded.failed_count, calls.failed_count),
    cancelled_count = greatest(excluded.cancelled_count, calls.cancelled_count),
    finished_at_ms = coalesce(excluded.finished_at_ms, calls.finished_at_ms),
    cancel_asked_at_ms = coalesce(calls.cancel_asked_at_ms, excluded.cancel_asked_at_ms)`;

export const UPDATE_CALLS = `
  update calls set
    state = coalesce(r.state, calls.state),
    input_count = coalesce(r.input_count, calls.input_count),
    received_count = greatest(r.received_count, calls.received_count),
    succeeded_count = coalesce(r.succeeded_count, calls.succeeded_count),
    failed_count = coalesce(r.failed_count, calls.failed_count),
    cancelled_count = coalesce(r.cancelled_count, calls.cancelled_count),
    finished_at_ms = coalesce(r.finished_at_ms, calls.finished_at_ms),
    cancel_asked_at_ms = coalesce(calls.cancel_asked_at_ms, r.cancel_asked_at_ms)
  from json_to_recordset($1::json) as r (${COLUMNS})
  where calls.id = r.id and calls.function_id = r.function_id`;

export class CallRows {
  readonly #rows = new Map<string, CallRow>();

  opened(
    functionId: string,
    call: {
      callId: string;
      environmentId: string;
      kind: CallKind;
      idempotencyKey: string | null;
      inputCount: number | null;
      parent: { callId: string; index: number } | null;
    },
  ): void {
    const row = this.#row(functionId, call.callId);
    row.environment_id = call.environmentId;
    row.kind = call.kind;
    row.idempotency_key = call.idempotencyKey === null ? null : storableText(call.idempotencyKey);
    row.input_count = call.inputCount ?? row.input_count;
    row.parent_call_id = call.parent?.callId ?? null;
    row.parent_index = call.parent?.index ?? null;
  }

  received(functionId: string, callId: string, count: number): void {
    const row = this.#row(functionId, callId);
    row.received_count = Math.max(row.received_count ?? 0, count);
  }

  closed(functionId: string, callId: string, inputCount: number): void {
    this.#row(functionId, callId).input_count = inputCount;
  }

  progressed(functionId: string, callId: string, counts: CallCounts): void {
    const row = this.#row(functionId, callId);
    row.succeeded_count = counts.succeeded;
    row.failed_count = counts.failed;
    row.cancelled_count = counts.cancelled;
  }

  cancelAsked(functionId: string, callId: string, atMs: number): void {
    const row = this.#row(functionId, callId);
    row.cancel_asked_at_ms ??= atMs;
  }

  finished(functionId: string, callId: string, state: CallState, finishedAtMs: number): void {
    const row = this.#row(functionId, callId);
    row.state = state;
    row.finished_at_ms = finishedAtMs;
  }

  steps(): Step[] {
    const opened: CallRow[] = [];
    const changed: CallRow[] = [];
    for (const row of this.#rows.values()) (row.kind === null ? changed : opened).push(row);
    const steps: Step[] = [];
    if (opened.length > 0) steps.push({ prepared: "insert_calls", values: [storableJson(opened)] });
    if (changed.length > 0) steps.push({ prepared: "update_calls", values: [storableJson(changed)] });
    return steps;
  }

  #row(functionId: string, callId: string): CallRow {
    const known = this.#rows.get(callId);
    if (known?.function_id === functionId) return known;
    // A client that took the id of another function's call gets a row of its own, which then meets the conflict.
    const key = known ? `${callId} ${functionId}` : callId;
    let row = this.#rows.get(key);
    if (!row) {
      row = {
        id: callId,
        function_id: functionId,
        environment_id: null,
        kind: null,
        idempotency_key: null,
        state: null,
        input_count: null,
        received_count: null,
        succeeded_count: null,
        failed_count: null,
        cancelled_count: null,
        finished_at_ms: null,
        parent_call_id: null,
        parent_index: null,
        cancel_asked_at_ms: null,
      };
      this.#rows.set(key, row);
    }
    return row;
  }
}
