/**
 * A finished call begins again with what failed or was cancelled. It is a transaction of its own (`standsAlone`), so that
 * it comes after every output appended before it and before every one appended after. Written again it finds the call
 * running and changes nothing; of a call of another function it changes nothing either.
 */
import type { Fact } from "./facts.ts";
import type { Step } from "./transaction.ts";

/**
 * An input that was cancelled before any container had it leaves no attempt. The number of the attempt follows those
 * stored; what was handed over and came back unbegun was not stored, so the reader lets the next number begin well above.
 */
const SET_OUTPUTS_ASIDE = `
  with ended as (
    delete from outputs
    where call_id = $1 and status <> 0
      and exists (select from calls where id = $1 and function_id = $2 and state <> 'running')
    returning idx, status, container_id, started_at_ms, finished_at_ms, payload
  ), earlier as (
    update attempts set outcome = 'retried' where call_id = $1 and idx in (select idx from ended)
  )
  insert into attempts (call_id, idx, attempt, container_id, started_at_ms, finished_at_ms, error, outcome)
  select $1, idx, 1 + coalesce((select max(attempt) from attempts where call_id = $1 and attempts.idx = ended.idx), 0),
    container_id, started_at_ms, finished_at_ms, payload, 'retried'
  from ended where container_id is not null or status = 1`;

const RUN_AGAIN = `
  update calls set state = 'running', finished_at_ms = null, failed_count = 0, cancelled_count = 0, cancel_asked_at_ms = null
  where id = $1 and function_id = $2 and state <> 'running'`;

export function retrySteps(functionId: string, callId: string): Step[] {
  const values = [callId, functionId];
  return [
    { text: SET_OUTPUTS_ASIDE, values },
    { text: RUN_AGAIN, values },
  ];
}

/** Whether a fact is written in a transaction that holds no other. */
export function standsAlone(fact: Fact): boolean {
  return fact.type === "callRetried";
}
