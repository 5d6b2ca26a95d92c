/** `bellows call list`: the newest calls that fit. */
import { LIMITS } from "@bellows/protocol/limits";
import type { Command } from "commander";
import { type CallFilterOptions, callFilter, isFiltered, withCallFilter } from "../call-filter.ts";
import { CALL_COLUMNS } from "../call-tables.ts";
import { limitOption, withCommonOptions } from "../common-options.ts";
import { printList } from "../output.ts";
import { firstItems } from "../pages.ts";
import { type CommonOptions, openSession } from "../session.ts";

export function addCallList(call: Command): void {
  withCallFilter(withCommonOptions(call.command("list")))
    .description("the newest calls")
    .addOption(limitOption())
    .action(listCalls);
}

async function listCalls(options: CommonOptions & CallFilterOptions & { limit: number }): Promise<void> {
  const session = await openSession(options);
  const filter = await callFilter(session, options, Date.now());
  const calls = await firstItems(options.limit, LIMITS.pageRows, (page) =>
    session.request((api) => api.calls.list.query({ ...filter, ...page })),
  );
  const isNarrow = isFiltered(options);
  const empty = isNarrow ? "no calls fit" : "no calls; make one with `bellows call APP FUNCTION`";
  printList(calls, CALL_COLUMNS, { json: options.json, empty });
}
