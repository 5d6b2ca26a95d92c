/** Moves of containers, gathered so that a container is written once per group. Writing a move again changes nothing. */
import { isGoneContainer } from "@bellows/protocol/states";
import type { Fact } from "./facts.ts";
import { storableJson } from "./storable-text.ts";
import type { Step } from "./transaction.ts";

type ContainerMoved = Extract<Fact, { type: "containerMoved" }>;

const UPSERT = `
  insert into containers (id, function_id, deployment_id, driver, state, slots, created_at_ms, ready_at_ms, stopped_at_ms,
    timings, reason, error)
  select * from json_to_recordset($1::json) as r (id uuid, function_id uuid, deployment_id uuid, driver text, state text, slots int,
    created_at_ms bigint, ready_at_ms bigint, stopped_at_ms bigint, timings jsonb, reason text, error jsonb)
  on conflict (id) do update set
    state = excluded.state,
    slots = coalesce(excluded.slots, containers.slots),
    ready_at_ms = coalesce(containers.ready_at_ms, excluded.ready_at_ms),
    stopped_at_ms = coalesce(containers.stopped_at_ms, excluded.stopped_at_ms),
    timings = coalesce(excluded.timings, containers.timings),
    reason = coalesce(excluded.reason, containers.reason),
    error = coalesce(excluded.error, containers.error)
  where containers.function_id = excluded.function_id`;

export class ContainerRows {
  readonly #rows = new Map<string, ReturnType<typeof rowOf>>();

  moved(move: ContainerMoved): void {
    const before = this.#rows.get(move.containerId);
    const row = rowOf(move);
    if (before) {
      row.slots ??= before.slots;
      row.created_at_ms = before.created_at_ms;
      row.ready_at_ms = before.ready_at_ms ?? row.ready_at_ms;
      row.stopped_at_ms = before.stopped_at_ms ?? row.stopped_at_ms;
      row.timings ??= before.timings;
      row.reason ??= before.reason;
      row.error ??= before.error;
    }
    this.#rows.set(move.containerId, row);
  }

  steps(): Step[] {
    return this.#rows.size === 0 ? [] : [{ text: UPSERT, values: [storableJson([...this.#rows.values()])] }];
  }
}

function rowOf(move: ContainerMoved) {
  return {
    id: move.containerId,
    function_id: move.functionId,
    deployment_id: move.deploymentId,
    driver: move.driver,
    state: move.state,
    slots: move.slots,
    created_at_ms: move.atMs,
    // The stages of the start are known from the moment it is ready; the first such move counts.
    ready_at_ms: move.timings === null ? null : move.atMs,
    stopped_at_ms: isGoneContainer(move.state) ? move.atMs : null,
    timings: move.timings,
    reason: move.reason,
    error: move.error,
  };
}
