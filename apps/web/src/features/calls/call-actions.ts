/**
 * What may be done to a call, or to many at once: which calls it fits, what it does, and how it is said. The one text
 * about it for lists and pages; a new action does not compile until all of that is here.
 */
import type { CallFilter as CallQuery, CallView } from "@bellows/protocol/call-views";
import type { CallKind, CallState } from "@bellows/protocol/states";
import { CANCELLABLE_STATES, canCancelCall, canRetryCall, canRetryKind, RETRYABLE_STATES } from "../../lib/actions.ts";
import { CALL_KIND_NAMES } from "../../lib/filters.ts";
import { plural } from "../../lib/format.ts";

export type CallAction = "cancel" | "retry";

export const CALL_ACTIONS: Record<
  CallAction,
  {
    /** On a button, and before "3 calls". */
    verb: string;
    may: (call: CallView) => boolean;
    states: readonly CallState[];
    kinds: readonly CallKind[];
    meaning: string;
    /** What the button says that leaves things as they are. */
    dismiss: string;
    look: "danger" | "primary";
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
    dismiss: "Keep running",
    look: "danger",
    nothing: "None of them is running, so there is nothing to cancel.",
    done: (changed) => `${plural(changed, "call")} ${changed === 1 ? "was" : "were"} asked to end.`,
  },
  retry: {
    verb: "Retry",
    may: canRetryCall,
    states: RETRYABLE_STATES,
    kinds: CALL_KIND_NAMES.filter(canRetryKind),
    meaning:
      "Inputs that failed or were cancelled are queued again, with all their retries. Results that are there stay as they are.",
    dismiss: "Leave as is",
    look: "primary",
    nothing: "None of them is a finished spawn or spawnMap with failed or cancelled inputs.",
    done: (changed) => `${plural(changed, "call")} ${changed === 1 ? "runs" : "run"} again.`,
  },
};

/** The parts of a filter that the action fits: one question for each state. Empty when the filter excludes all. */
export function fittingQueries(action: CallAction, query: CallQuery): CallQuery[] {
  const { states, kinds } = CALL_ACTIONS[action];
  if (query.kind !== undefined && !kinds.includes(query.kind)) return [];
  return states
    .filter((state) => query.state === undefined || query.state === state)
    .map((state) => ({ ...query, state }));
}
