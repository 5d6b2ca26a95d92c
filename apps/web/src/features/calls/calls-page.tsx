"use client";
/** All calls. The filter is the URL and nothing else, so a filtered list can be shared. */
import { CALL_KINDS, CALL_STATES } from "@bellows/protocol/states";
import { skipToken, useInfiniteQuery } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { apiErrorData, isAway } from "../../lib/api-error.ts";
import { parseCallFilter } from "../../lib/filters.ts";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import type { CallFilter } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
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
const KINDS = Object.keys(CALL_KINDS).map((kind) => ({ value: kind, label: kind }));

export function CallsPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const filter = parseCallFilter(useSearchParams());
  const owner = useFunctionFilter(filter);
  const query = useInfiniteQuery(
    trpc.calls.list.infiniteQueryOptions(
      owner.ids === undefined ? skipToken : { ...owner.ids, state: filter.state, kind: filter.kind, limit: PAGE_ROWS },
      livePages,
    ),
  );
  const change = (changed: Record<keyof CallFilter, string>) =>
    router.replace(paths.calls(parseCallFilter(new URLSearchParams(changed))), { scroll: false });
  const { app = "", function: fn = "", state = "", kind = "" } = filter;
  const given = { app, function: fn, state, kind };
  const filtered = Object.values(given).some((value) => value !== "");
  return (
    <>
      <PageHeader title="Calls" />
      <div className="mb-4 flex flex-wrap items-end gap-3">
        <FunctionSelects app={app} function={fn} onChange={(chosen) => change({ ...given, ...chosen })} />
        <Select
          label="State"
          any="Any state"
          value={state}
          options={STATES}
          onChange={(value) => change({ ...given, state: value })}
        />
        <Select
          label="Kind"
          any="Any kind"
          value={kind}
          options={KINDS}
          onChange={(value) => change({ ...given, kind: value })}
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
