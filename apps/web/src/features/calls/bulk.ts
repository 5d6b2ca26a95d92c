/**
 * What may be done to many calls at once: what it does to one, which calls it fits, and how it is said. A new action
 * does not compile until all of that is here.
 */
import type { CallKind, CallState } from "@bellows/protocol/states";
import type { CallFilter as CallQuery, CallView } from "@bellows/protocol/views";
import { CANCELLABLE_STATES, canCancelCall, canRetryCall, canRetryKind, RETRYABLE_STATES } from "../../lib/actions.ts";
import { CALL_KIND_NAMES } from "../../lib/filters.ts";
import { plural } from "../../lib/format.ts";

export type BulkAction = "cancel" | "retry";

export const BULK: Record<
  BulkAction,
  {
    /** On a button, and before "3 calls". */
    verb: string;
    may: (call: CallView) => boolean;
    states: readonly CallState[];
    kinds: readonly CallKind[];
    meaning: string;
    nothing: string;
    done: (changed: number) => string;
  }
> = {
  cancel: {
    verb: "Cancel",
    may: canCancelCall,
    states: CANCELLABLE_STATES,
    kinds: CALL_KIND_NAMES,
    meaning: "Queued inputs end at once. Running ones get an aborted signal. What has ended keeps its result.",
    nothing: "None of them is running, so there is nothing to cancel.",
    done: (changed) => `${plural(changed, "call")} ${changed === 1 ? "was" : "were"} asked to end.`,
  },
  retry: {
    verb: "Retry",
    may: canRetryCall,
    states: RETRYABLE_STATES,
    kinds: CALL_KIND_NAMES.filter(canRetryKind),
    meaning: "Inputs that failed or were cancelled run again. Results that are there stay as they are.",
    nothing: "None of them is a finished spawn or spawnMap with failed or cancelled inputs.",
    done: (changed) => `${plural(changed, "call")} ${changed === 1 ? "runs" : "run"} again.`,
  },
};

/** The parts of a filter that the action fits: one question for each state. Empty when the filter excludes all. */
export function fittingQueries(action: BulkAction, query: CallQuery): CallQuery[] {
  const { states, kinds } = BULK[action];
  if (query.kind !== undefined && !kinds.includes(query.kind)) return [];
  return states
    .filter((state) => query.state === undefined || query.state === state)
    .map((state) => ({ ...query, state }));
}
