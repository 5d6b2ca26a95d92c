/**
 * What the API is asked for when the address says this. Pure: the present comes in, rounded to the minute by whoever
 * gives it, so that "the last hour" is one question for a minute and not a new one each second.
 */
import type { CallFilter as CallQuery } from "@bellows/protocol/call-views";
import { CALL_SPAN_MS } from "../../lib/filters.ts";
import type { CallFilter } from "../../lib/paths.ts";
import type { OwnerIds } from "../functions/use-function-filter.ts";

export function callQueryOf(
  { state, kind, search, parent, since, fromMs, toMs }: CallFilter,
  owner: OwnerIds,
  minuteMs: number,
): CallQuery {
  return {
    ...owner,
    state,
    kind,
    search,
    parentId: parent,
    fromMs: since ? minuteMs - CALL_SPAN_MS[since] : fromMs,
    toMs: since ? undefined : toMs,
  };
}

/** Whether anything is set; a list that is empty then is empty for a reason. */
export function isFiltered(filter: CallFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}
