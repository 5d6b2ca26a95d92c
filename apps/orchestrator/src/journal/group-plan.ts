/**
 * A group of facts as the statements of one transaction. Facts that are only ever inserted go in by COPY; should some
 * of them be there already (an output offered again, a group whose commit was not heard of), `merge` sends the same
 * bytes into temporary tables and takes over only what is new.
 */
import { newId } from "@bellows/protocol/ids";
import { CallRows } from "./call-rows.ts";
import { ContainerRows } from "./container-rows.ts";
import { CopyRows } from "./copy-rows.ts";
import type { Fact, OwnerEpoch } from "./facts.ts";
import { packInputs } from "./packed-inputs.ts";
import { retrySteps } from "./retry-call.ts";
import { ScalingRows } from "./scaling-rows.ts";
import { storableText } from "./storable-text.ts";
import type { Step } from "./transaction.ts";

/** A fact on its way to Postgres. */
export interface Entry {
  owner: OwnerEpoch;
  fact: Fact;
  committed: (() => void) | undefined;
  /** Called instead when it can never be stored; without one it is given up as if it were. */
  rejected: ((error: unknown) => void) | undefined;
}

export const CHECK_OWNERS = "select check_owners($1::uuid[], $2::bigint[])";

/** The columns in the order in which the rows are encoded below, and what a merge does with a row that is there. */
const COPIED = {
  input_chunks: {
    columns: ["call_id", "first_index", "count", "inputs"],
    // A resent chunk may be cut longer than the stored one.
    merge: `insert into input_chunks select distinct on (call_id, first_index) * from input_chunks_again
      order by call_id, first_index, count desc
      on conflict (call_id, first_index) do update set count = excluded.count, inputs = excluded.inputs
      where excluded.count > input_chunks.count`,
  },
  outputs: {
    columns: [
      "call_id",
      "queued_at_ms",
      "finished_at_ms",
      "started_at_ms",
      "idx",
      "status",
      "attempts",
      "container_id",
      "payload",
    ],
    merge: "insert into outputs select * from outputs_again on conflict do nothing",
  },
  attempts: {
    columns: ["call_id", "idx", "attempt", "container_id", "started_at_ms", "finished_at_ms", "error", "outcome"],
    // One that was given up as lost may turn out to have failed.
    merge: `insert into attempts select distinct on (call_id, idx, attempt) * from attempts_again
      order by call_id, idx, attempt, outcome
      on conflict (call_id, idx, attempt) do update set outcome = excluded.outcome, error = excluded.error,
        started_at_ms = excluded.started_at_ms, finished_at_ms = excluded.finished_at_ms
      where attempts.outcome = 'lost' and excluded.outcome = 'failed'`,
  },
  logs: {
    columns: ["id", "function_id", "container_id", "call_id", "idx", "at_ms", "stream", "text"],
    merge: "insert into logs select * from logs_again on conflict do nothing",
  },
} as const;
type CopiedTable = keyof typeof COPIED;
const COPIED_TABLES = Object.keys(COPIED) as CopiedTable[];

/** For outputs that did not know how many attempts had failed before; rare, and the rows are those of this transaction. */
const COUNT_ATTEMPTS = `
  update outputs set attempts = 1 + (
    select count(*) from attempts
    where attempts.call_id = outputs.call_id and attempts.idx = outputs.idx and outcome = 'failed')
  from unnest($1::uuid[], $2::int[]) as uncounted (call_id, idx)
  where outputs.call_id = uncounted.call_id and outputs.idx = uncounted.idx`;

export interface GroupPlan {
  steps(options: { merge: boolean }): Step[];
}

/** Encodes groups one after the other: a plan is good until the next is made. */
export class GroupPlanner {
  readonly #copied: Record<CopiedTable, CopyRows> = {
    input_chunks: new CopyRows(),
    outputs: new CopyRows(),
    attempts: new CopyRows(),
    logs: new CopyRows(),
  };

  plan(entries: readonly Entry[]): GroupPlan {
    for (const table of COPIED_TABLES) this.#copied[table].clear();
    const owners = new Map<string, OwnerEpoch>();
    const calls = new CallRows();
    const containers = new ContainerRows();
    const scaling = new ScalingRows();
    const retries: Step[] = [];
    const uncounted: FactOf<"output">[] = [];
    const rows = { calls, containers, scaling, retries, uncounted };
    let lastOwner: OwnerEpoch | undefined;
    for (const { owner, fact } of entries) {
      if (owner !== lastOwner) owners.set(ownerKey(owner), owner);
      lastOwner = owner;
      this.#encode(owner.functionId, fact, rows);
    }
    const check = checkStep([...owners.values()]);
    const rest = [...calls.steps(), ...containers.steps(), ...retries, ...scaling.steps()];
    const count = countSteps(uncounted);
    return { steps: ({ merge }) => [check, ...rest, ...this.#copySteps(merge), ...count] };
  }

  #encode(
    functionId: string,
    fact: Fact,
    {
      calls,
      containers,
      scaling,
      retries,
      uncounted,
    }: {
      calls: CallRows;
      containers: ContainerRows;
      scaling: ScalingRows;
      retries: Step[];
      uncounted: FactOf<"output">[];
    },
  ): void {
    switch (fact.type) {
      case "output":
        if (fact.attempts === null) uncounted.push(fact);
        return encodeOutput(this.#copied.outputs, fact);
      case "inputs":
        calls.received(functionId, fact.callId, fact.firstIndex + fact.values.length);
        return encodeInputs(this.#copied.input_chunks, fact);
      case "callOpened":
        return calls.opened(functionId, fact);
      case "callClosed":
        return calls.closed(functionId, fact.callId, fact.inputCount);
      case "callProgress":
        return calls.progressed(functionId, fact.callId, fact.counts);
      case "callFinished":
        calls.progressed(functionId, fact.callId, fact.counts);
        return calls.finished(functionId, fact.callId, fact.state, fact.finishedAtMs);
      case "callCancelAsked":
        return calls.cancelAsked(functionId, fact.callId, fact.atMs);
      case "attemptFailed":
        return encodeAttempt(this.#copied.attempts, fact);
      case "log":
        return encodeLog(this.#copied.logs, fact);
      case "containerMoved":
        return containers.moved(fact);
      case "decision":
        return scaling.decided(fact);
      case "functionStats":
        return scaling.did(fact);
      case "callRetried":
        retries.push(...retrySteps(functionId, fact.callId));
        return;
      default:
        return fact satisfies never;
    }
  }

  #copySteps(merge: boolean): Step[] {
    return COPIED_TABLES.flatMap((table) => {
      const rows = this.#copied[table];
      if (rows.rowCount === 0) return [];
      const target = merge ? `${table}_again` : table;
      const copy = {
        text: `copy ${target} (${COPIED[table].columns.join(", ")}) from stdin (format binary)`,
        copyData: rows.finish(),
      };
      if (!merge) return [copy];
      const create = { text: `create temp table ${target} (like ${table}) on commit drop` };
      return [create, copy, { text: COPIED[table].merge }];
    });
  }
}

export function ownerKey({ functionId, epoch }: OwnerEpoch): string {
  return `${functionId}:${epoch}`;
}

function checkStep(owners: readonly OwnerEpoch[]): Step {
  const ids = owners.map((owner) => owner.functionId).join(",");
  const epochs = owners.map((owner) => owner.epoch).join(",");
  return { prepared: "check_owners", values: [`{${ids}}`, `{${epochs}}`] };
}

function countSteps(uncounted: readonly FactOf<"output">[]): Step[] {
  if (uncounted.length === 0) return [];
  const callIds = uncounted.map(({ callId }) => callId).join(",");
  const indexes = uncounted.map(({ index }) => index).join(",");
  return [{ text: COUNT_ATTEMPTS, values: [`{${callIds}}`, `{${indexes}}`] }];
}

type FactOf<T extends Fact["type"]> = Extract<Fact, { type: T }>;

function encodeOutput(rows: CopyRows, fact: FactOf<"output">): void {
  rows.row(9);
  rows.uuid(fact.callId);
  rows.int8(fact.queuedAtMs);
  rows.int8(fact.finishedAtMs);
  if (fact.startedAtMs === null) rows.null();
  else rows.int8(fact.startedAtMs);
  rows.int4(fact.index);
  rows.int2(fact.status);
  rows.int2(fact.attempts ?? 1);
  if (fact.containerId === null) rows.null();
  else rows.uuid(fact.containerId);
  rows.bytes(fact.payload);
}

function encodeInputs(rows: CopyRows, fact: FactOf<"inputs">): void {
  rows.row(4);
  rows.uuid(fact.callId);
  rows.int4(fact.firstIndex);
  rows.int4(fact.values.length);
  packInputs(rows, fact.values);
}

function encodeAttempt(rows: CopyRows, fact: FactOf<"attemptFailed">): void {
  rows.row(8);
  rows.uuid(fact.callId);
  rows.int4(fact.index);
  rows.int4(fact.attempt);
  rows.uuid(fact.containerId);
  if (fact.startedAtMs === null) rows.null();
  else rows.int8(fact.startedAtMs);
  rows.int8(fact.finishedAtMs);
  rows.bytes(fact.error);
  rows.text(fact.outcome);
}

function encodeLog(rows: CopyRows, fact: FactOf<"log">): void {
  rows.row(8);
  rows.uuid(newId());
  rows.uuid(fact.functionId);
  rows.uuid(fact.containerId);
  if (fact.callId === null) rows.null();
  else rows.uuid(fact.callId);
  if (fact.index === null) rows.null();
  else rows.int4(fact.index);
  rows.int8(fact.atMs);
  rows.text(fact.stream);
  rows.text(storableText(fact.text));
}
