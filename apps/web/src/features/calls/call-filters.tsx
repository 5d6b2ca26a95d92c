"use client";
/** What the list of calls is filtered by. Each choice is written into the address and read from there. */
import { CALL_STATES } from "@bellows/protocol/states";
import { useCallback } from "react";
import { CALL_KIND_NAMES, parseCallFilter } from "../../lib/filters.ts";
import type { CallFilter } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
import { currentQuery, replaceUrl } from "../../lib/replace-url.ts";
import { CALL_LOOKS } from "../../lib/status.tsx";
import { IdLink } from "../../ui/copyable-id.tsx";
import { FilterBar } from "../../ui/filter-bar.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { Select } from "../../ui/select.tsx";
import { StateSelect } from "../../ui/state-select.tsx";
import { FunctionSelects } from "../functions/function-selects.tsx";
import { isFiltered } from "./call-query.ts";
import { TimeRange } from "./time-range.tsx";

const KINDS = CALL_KIND_NAMES.map((kind) => ({ value: kind, label: kind }));

export function CallFilters({ filter }: { filter: CallFilter }) {
  const { app = "", function: fn = "", state, kind = "", search = "", parent } = filter;
  const changeSearch = useCallback((text: string) => change({ search: text || undefined }), []);
  return (
    <FilterBar {...(isFiltered(filter) ? { clear: paths.calls() } : {})}>
      <SearchField label="Search" placeholder="Function, app, id or its end" value={search} onChange={changeSearch} />
      <FunctionSelects app={app} function={fn} onChange={change} />
      <StateSelect
        states={CALL_STATES}
        looks={CALL_LOOKS}
        value={state}
        onChange={(chosen) => change({ state: chosen })}
      />
      <Select
        label="Kind"
        any="Any kind"
        value={kind}
        options={KINDS}
        onChange={(chosen) => change({ kind: chosen })}
      />
      <TimeRange value={filter} onChange={change} />
      {parent !== undefined && (
        <span className="flex h-8 items-center gap-1.5 text-ink-soft">
          made by call
          <IdLink id={parent} noun="call" href={paths.call(parent, { tab: "tree" })} />
        </span>
      )}
    </FilterBar>
  );
}

function change(changed: CallFilter): void {
  replaceUrl(paths.calls({ ...parseCallFilter(currentQuery()), ...changed }));
}
