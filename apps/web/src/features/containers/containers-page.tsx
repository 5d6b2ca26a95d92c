"use client";
/** All containers. The filter is the URL and nothing else, so a filtered list can be shared. */
import { CONTAINER_STATES } from "@bellows/protocol/states";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { parseContainerFilter } from "../../lib/filters.ts";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import type { ContainerFilter } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
import { currentQuery, replaceUrl } from "../../lib/replace-url.ts";
import { CONTAINER_LOOKS } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { FilterBar } from "../../ui/filter-bar.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { ListSkeleton } from "../../ui/page-skeleton.tsx";
import { Panel } from "../../ui/section.tsx";
import { StateSelect } from "../../ui/state-select.tsx";
import { FunctionSelects } from "../functions/function-selects.tsx";
import type { OwnerIds } from "../functions/use-function-filter.ts";
import { useFunctionFilter } from "../functions/use-function-filter.ts";
import { ContainersTable } from "./containers-table.tsx";
import { DriverNote } from "./driver-note.tsx";
import { NoContainers } from "./no-containers.tsx";
import { StandbyNote } from "./standby-note.tsx";

export function ContainersPage() {
  const filter = parseContainerFilter(useSearchParams());
  const owner = useFunctionFilter(filter);
  return (
    <>
      <PageHeader
        title="Containers"
        facts={
          <>
            <DriverNote />
            <StandbyNote />
          </>
        }
      />
      <ContainerFilters filter={filter} />
      <Loaded query={{ data: owner.ids, error: owner.error }} skeleton={<ListSkeleton />}>
        {(ids) => <ContainersList filter={filter} ids={ids} />}
      </Loaded>
    </>
  );
}

function ContainerFilters({ filter }: { filter: ContainerFilter }) {
  const { app = "", function: fn = "", state, gone = false } = filter;
  return (
    <FilterBar {...(isFiltered(filter) || gone ? { clear: paths.containers() } : {})}>
      <FunctionSelects app={app} function={fn} onChange={change} />
      <StateSelect
        states={CONTAINER_STATES}
        looks={CONTAINER_LOOKS}
        value={state}
        onChange={(chosen) => change({ state: chosen })}
      />
      <label className="flex h-8 items-center gap-2 text-ink-soft">
        <input
          type="checkbox"
          checked={gone}
          onChange={({ target }) => change({ gone: target.checked || undefined })}
        />
        Show gone ones, too
      </label>
    </FilterBar>
  );
}

function ContainersList({ filter, ids }: { filter: ContainerFilter; ids: OwnerIds }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.containers.list.infiniteQueryOptions(
      { ...ids, state: filter.state, includeGone: filter.gone === true, limit: PAGE_ROWS },
      livePages,
    ),
  );
  return (
    <Panel>
      <ContainersTable
        query={query}
        empty={<NoContainers filtered={isFiltered(filter)} gone={filter.gone === true} />}
      />
    </Panel>
  );
}

/** Gone ones are an addition: they leave nothing out. */
function isFiltered({ app, state }: ContainerFilter): boolean {
  return app !== undefined || state !== undefined;
}

function change(changed: ContainerFilter): void {
  replaceUrl(paths.containers({ ...parseContainerFilter(currentQuery()), ...changed }));
}
