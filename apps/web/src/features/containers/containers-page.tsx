"use client";
import { CONTAINER_STATES } from "@bellows/protocol/states";
import { skipToken, useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { apiErrorData, isAway } from "../../lib/api-error.ts";
import { parseContainerFilter } from "../../lib/filters.ts";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import type { ContainerFilter } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
import { currentQuery, replaceUrl } from "../../lib/replace-url.ts";
import { CONTAINER_LOOKS } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Panel } from "../../ui/section.tsx";
import { Select } from "../../ui/select.tsx";
import { FunctionSelects } from "../functions/function-selects.tsx";
import { useFunctionFilter } from "../functions/use-function-filter.ts";
import { ContainersTable } from "./containers-table.tsx";
import { NoContainers } from "./no-containers.tsx";

const STATES = CONTAINER_STATES.map((state) => ({ value: state, label: CONTAINER_LOOKS[state].label }));

export function ContainersPage() {
  const trpc = useTRPC();
  const filter = parseContainerFilter(useSearchParams());
  const owner = useFunctionFilter(filter);
  const gone = filter.gone === true;
  const query = useInfiniteQuery(
    trpc.containers.list.infiniteQueryOptions(
      owner.ids === undefined ? skipToken : { ...owner.ids, state: filter.state, includeGone: gone, limit: PAGE_ROWS },
      livePages,
    ),
  );
  const { app = "", function: fn = "", state = "" } = filter;
  const change = (changed: ContainerFilter) =>
    replaceUrl(paths.containers({ ...parseContainerFilter(currentQuery()), ...changed }));
  const filtered = app !== "" || state !== "";
  return (
    <>
      <PageHeader title="Containers" />
      <div className="mb-4 flex flex-wrap items-end gap-3">
        <FunctionSelects app={app} function={fn} onChange={change} />
        <Select
          label="State"
          any="Any state"
          value={state}
          options={STATES}
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
        {(filtered || gone) && (
          <ButtonLink look="ghost" href={paths.containers()}>
            Clear filters
          </ButtonLink>
        )}
      </div>
      {owner.error && !isAway(owner.error) ? (
        <ErrorPanel error={apiErrorData(owner.error)} />
      ) : (
        <Panel>
          <ContainersTable query={query} empty={<NoContainers filtered={filtered} />} />
        </Panel>
      )}
    </>
  );
}
