/**
 * Calls; written by the journal only. Partitioned by day on `id`. Created at the time in the id. No foreign keys:
 * days are dropped whole, and the hot path pays for no look-ups.
 */
import { CALL_KINDS, CALL_STATES, type CallKind, type CallState } from "@bellows/protocol/states";
import { sql } from "drizzle-orm";
import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";

const KINDS = Object.keys(CALL_KINDS) as [CallKind, ...CallKind[]];

export const calls = pgTable(
  "calls",
  {
    id: uuid("id").primaryKey(),
    functionId: uuid("function_id").notNull(),
    appId: uuid("app_id").notNull(),
    environmentId: uuid("environment_id").notNull(),
    kind: text("kind", { enum: KINDS }).notNull(),
    state: text("state", { enum: CALL_STATES as [CallState, ...CallState[]] }).notNull(),
    idempotencyKey: text("idempotency_key"),
    /** Null while more inputs may come. */
    inputCount: integer("input_count"),
    /** Inputs stored so far. */
    receivedCount: integer("received_count").notNull(),
    /** Written at the end and about once a second before it. */
    succeededCount: integer("succeeded_count").notNull(),
    failedCount: integer("failed_count").notNull(),
    cancelledCount: integer("cancelled_count").notNull(),
    finishedAtMs: milliseconds("finished_at_ms"),
    /** The input whose code made the call. */
    parentCallId: uuid("parent_call_id"),
    parentIndex: integer("parent_index"),
    /** When its end was asked for; a call that was running then goes on being cancelled after a restart. */
    cancelAskedAtMs: milliseconds("cancel_asked_at_ms"),
  },
  (table) => [
    index("calls_function").on(table.functionId, table.id),
    /** Pages by kind and state, see `newest-calls.ts`: one range of an index for each combination, and there are few. */
    index("calls_of_function").on(table.functionId, table.kind, table.state, table.id),
    index("calls_of_app").on(table.appId, table.kind, table.state, table.id),
    index("calls_of_environment").on(table.environmentId, table.kind, table.state, table.id),
    /** Recovery. */
    index("calls_unfinished").on(table.functionId, table.id).where(sql`state = 'running'`),
    index("calls_idempotency").on(table.functionId, table.idempotencyKey).where(sql`idempotency_key is not null`),
    index("calls_parent").on(table.parentCallId, table.id).where(sql`parent_call_id is not null`),
  ],
);
