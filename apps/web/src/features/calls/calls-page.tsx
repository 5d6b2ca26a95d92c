"use client";
/** All calls. The filter is the URL and nothing else, so a filtered list can be shared. */
import { CALL_STATES } from "@bellows/protocol/states";
import { skipToken, useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { apiErrorData, isAway } from "../../lib/api-error.ts";
import { CALL_KIND_NAMES, parseCallFilter } from "../../lib/filters.ts";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import type { CallFilter } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
import { currentQuery, replaceUrl } from "../../lib/replace-url.ts";
import { CALL_LOOKS } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Panel } from "../../ui/section.tsx";
import { Select } from "../../ui/select.tsx";
import { FunctionSelects } from "../functions/function-selects.tsx";
import { useFunctionFilter } from "../functions/use-function-filter.ts";
import { CallsTable } from "./calls-table.tsx";
import { NoCalls } from "./no-calls.tsx";

const STATES = CALL_STATES.map((state) => ({ value: state, label: CALL_LOOKS[state].label }));
const KINDS = CALL_KIND_NAMES.map((kind) => ({ value: kind, label: kind }));

export function CallsPage() {
  const trpc = useTRPC();
  const filter = parseCallFilter(useSearchParams());
  const owner = useFunctionFilter(filter);
  const query = useInfiniteQuery(
    trpc.calls.list.infiniteQueryOptions(
      owner.ids === undefined ? skipToken : { ...owner.ids, state: filter.state, kind: filter.kind, limit: PAGE_ROWS },
      livePages,
    ),
  );
  const change = (changed: CallFilter) => replaceUrl(paths.calls({ ...parseCallFilter(currentQuery()), ...changed }));
  const { app = "", function: fn = "", state = "", kind = "" } = filter;
  const filtered = [app, fn, state, kind].some((value) => value !== "");
  return (
    <>
      <PageHeader title="Calls" />
      <div className="mb-4 flex flex-wrap items-end gap-3">
        <FunctionSelects app={app} function={fn} onChange={change} />
        <Select
          label="State"
          any="Any state"
          value={state}
          options={STATES}
          onChange={(chosen) => change({ state: chosen })}
        />
        <Select
          label="Kind"
          any="Any kind"
          value={kind}
          options={KINDS}
          onChange={(chosen) => change({ kind: chosen })}
        />
        {filtered && (
          <ButtonLink look="ghost" href={paths.calls()}>
            Clear filters
          </ButtonLink>
        )}
      </div>
      {owner.error && !isAway(owner.error) ? (
        <ErrorPanel error={apiErrorData(owner.error)} />
      ) : (
        <Panel>
          <CallsTable query={query} empty={<NoCalls filtered={filtered} />} />
        </Panel>
      )}
    </>
  );
}
