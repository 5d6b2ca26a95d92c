/**
 * The same done to every call that fits a filter. The calls are walked from the newest to the oldest, page by page, so
 * each is asked once, and those that are made meanwhile are left alone. Killed in between, some are done and some are
 * not; the same request again does the rest. So too after a refusal (a limit, an engine that is elsewhere), which the
 * result tells.
 */
import type { BulkResult, CallFilter, CallView } from "@bellows/protocol/call-views";
import { BellowsError, ConflictError, NotFoundError, OutputExpiredError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import { CALL_KINDS, CALL_MOVES, CALL_STATES, type CallState, mayMove } from "@bellows/protocol/states";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Engines } from "../engine/engines.ts";
import { shownErrorData } from "./errors.ts";
import { listCalls } from "./queries/calls.ts";

interface Deps {
  db: NodePgDatabase;
  engines: Engines;
}

/** A call is asked for its end once: one that is ending already counts as one that fitted. */
export function cancelCalls({ db, engines }: Deps, filter: CallFilter, signal?: AbortSignal): Promise<BulkResult> {
  const states = CALL_STATES.filter((state) => mayMove<CallState>(CALL_MOVES, state, "cancelled"));
  return eachCall({ db, engines }, { filter, states, signal }, async ({ id, cancelAsked }) => {
    if (cancelAsked) return false;
    await engines.cancelCall(id, { terminateContainers: false });
    return true;
  });
}

/** Sync calls do not count, whose callers have had their answers, nor those whose function is not deployed any more. */
export function retryCalls({ db, engines }: Deps, filter: CallFilter, signal?: AbortSignal): Promise<BulkResult> {
  const states = CALL_STATES.filter((state) => mayMove<CallState>(CALL_MOVES, state, "running"));
  return eachCall({ db, engines }, { filter, states, signal }, async ({ id, kind, deployed }) => {
    if (CALL_KINDS[kind].queueClass === "sync" || !deployed) return undefined;
    return (await engines.retryCall(id)).retried > 0;
  });
}

interface Walk {
  filter: CallFilter;
  /** Only calls in these can be changed. */
  states: readonly CallState[];
  signal: AbortSignal | undefined;
}

/** `change` says whether it changed the call; undefined for one that is none of those meant. */
async function eachCall(
  { db, engines }: Deps,
  { filter, states, signal }: Walk,
  change: (call: CallView) => Promise<boolean | undefined>,
): Promise<BulkResult> {
  const result: BulkResult = { matched: 0, changed: 0 };
  for (const state of states) {
    if (filter.state !== undefined && filter.state !== state) continue;
    for (let cursor: string | null | undefined; cursor !== null; ) {
      signal?.throwIfAborted();
      const page = { limit: LIMITS.pageRows, ...(cursor === undefined ? {} : { cursor }) };
      const found = await listCalls({ db, engines }, { ...filter, state }, page);
      const refusal = count(result, await Promise.allSettled(found.items.map((call) => unlessGone(change(call)))));
      if (refusal) return { ...result, stoppedBy: shownErrorData(refusal) };
      cursor = found.nextCursor;
    }
  }
  return result;
}

/** What was done to a page, added to the result. A call that was refused fits none the less; the first refusal is returned. */
function count(
  result: BulkResult,
  page: readonly PromiseSettledResult<boolean | undefined>[],
): BellowsError | undefined {
  let refusal: BellowsError | undefined;
  for (const asked of page) {
    if (asked.status === "rejected") {
      if (!(asked.reason instanceof BellowsError) || asked.reason.code === "INTERNAL") throw asked.reason;
      refusal ??= asked.reason;
    } else if (asked.value === undefined) continue;
    else if (asked.value) result.changed += 1;
    result.matched += 1;
  }
  return refusal;
}

/** A call may end, be retried by somebody else, or expire between the look and the deed. */
async function unlessGone(changing: Promise<boolean | undefined>): Promise<boolean | undefined> {
  try {
    return await changing;
  } catch (error) {
    if (error instanceof ConflictError || error instanceof NotFoundError || error instanceof OutputExpiredError) {
      return false;
    }
    throw error;
  }
}
