/** What autoscalers decided, and what their functions did meanwhile: a row for each, which never changes. */
import { newId } from "@bellows/protocol/ids";
import type { Fact } from "./facts.ts";
import { storableJson } from "./storable-text.ts";
import type { Step } from "./transaction.ts";

type Decision = Extract<Fact, { type: "decision" }>;
type Stats = Extract<Fact, { type: "functionStats" }>;

const INSERT_DECISIONS = `
  insert into decisions (id, function_id, at_ms, desired, current, queued, running, capped_by, reason)
  select * from json_to_recordset($1::json) as r (id uuid, function_id uuid, at_ms bigint, desired int, current int, queued int,
    running int, capped_by text, reason text)
  on conflict (id) do nothing`;

const INSERT_STATS = `
  insert into function_stats (id, function_id, at_ms, arrived, arrivals, succeeded, failed, cancelled, queue_ms, start_ms,
    run_ms, batch_sizes, queued_max, running_max, containers_max)
  select * from json_to_recordset($1::json) as r (id uuid, function_id uuid, at_ms bigint, arrived int, arrivals jsonb,
    succeeded int, failed int, cancelled int, queue_ms jsonb, start_ms jsonb, run_ms jsonb, batch_sizes jsonb, queued_max int,
    running_max int, containers_max int)
  on conflict (id) do nothing`;

export class ScalingRows {
  readonly #decisions: object[] = [];
  readonly #stats: object[] = [];

  decided(decision: Decision): void {
    this.#decisions.push(decisionRow(decision));
  }

  did(stats: Stats): void {
    this.#stats.push(statsRow(stats));
  }

  steps(): Step[] {
    const steps: Step[] = [];
    if (this.#decisions.length > 0) steps.push({ text: INSERT_DECISIONS, values: [storableJson(this.#decisions)] });
    if (this.#stats.length > 0) steps.push({ text: INSERT_STATS, values: [storableJson(this.#stats)] });
    return steps;
  }
}

function decisionRow(fact: Decision) {
  return {
    id: newId(),
    function_id: fact.functionId,
    at_ms: fact.atMs,
    desired: fact.desired,
    current: fact.current,
    queued: fact.queued,
    running: fact.running,
    capped_by: fact.cappedBy,
    reason: fact.reason,
  };
}

function statsRow(fact: Stats) {
  return {
    id: newId(fact.atMs),
    function_id: fact.functionId,
    at_ms: fact.atMs,
    arrived: fact.arrived,
    arrivals: fact.arrivals,
    succeeded: fact.succeeded,
    failed: fact.failed,
    cancelled: fact.cancelled,
    queue_ms: fact.queueMs,
    start_ms: fact.startMs,
    run_ms: fact.runMs,
    batch_sizes: fact.batchSizes,
    queued_max: fact.queuedMax,
    running_max: fact.runningMax,
    containers_max: fact.containersMax,
  };
}
