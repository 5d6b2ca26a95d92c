"use client";
/** All calls. The filter is the URL and nothing else, so a filtered list can be shared. */
import type { CallFilter as CallQuery } from "@bellows/protocol/call-views";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useMinuteMs } from "../../lib/clock.ts";
import { parseCallFilter } from "../../lib/filters.ts";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import { paths } from "../../lib/paths.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { useRights } from "../../lib/use-rights.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { ListSkeleton } from "../../ui/page-skeleton.tsx";
import { Panel } from "../../ui/section.tsx";
import { useFunctionFilter } from "../functions/use-function-filter.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { CallFilters } from "./call-filters.tsx";
import { callQueryOf, isFiltered } from "./call-query.ts";
import { CallsTable } from "./calls-table.tsx";
import { NoCalls } from "./no-calls.tsx";
import { useCallSelection } from "./use-call-selection.ts";

export function CallsPage() {
  const filter = parseCallFilter(useSearchParams());
  const owner = useFunctionFilter(filter);
  const minuteMs = useMinuteMs();
  // The server, where there is no present, cannot say when "the last hour" began.
  const known = minuteMs > 0 || filter.since === undefined;
  return (
    <>
      <PageHeader title="Calls" />
      <CallFilters filter={filter} />
      <Loaded query={{ data: known ? owner.ids : undefined, error: owner.error }} skeleton={<ListSkeleton />}>
        {(ids) => (
          <CallsList
            // What was picked under one filter must not be changed under another.
            key={paths.calls(filter)}
            query={callQueryOf(filter, ids, minuteMs)}
            filtered={isFiltered(filter)}
          />
        )}
      </Loaded>
    </>
  );
}

function CallsList({ query, filtered }: { query: CallQuery; filtered: boolean }) {
  const trpc = useTRPC();
  const { mayChange } = useRights();
  const selection = useCallSelection();
  const list = useInfiniteQuery(trpc.calls.list.infiniteQueryOptions({ ...query, limit: PAGE_ROWS }, livePages));
  const shown = list.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Panel>
      {mayChange && <BulkBar selection={selection} shown={shown} query={query} />}
      <CallsTable
        query={list}
        empty={<NoCalls filtered={filtered} />}
        {...(mayChange ? { selection: { has: selection.has, toggle: (id) => selection.toggle(id, shown) } } : {})}
      />
    </Panel>
  );
}
