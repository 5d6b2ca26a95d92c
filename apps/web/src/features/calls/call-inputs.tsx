"use client";
/**
 * The inputs of a call, all or only those in one state, a page at a time: of a million inputs only what is looked at is
 * asked for. Where a page begins stands in the address, so the browser goes back through pages and a page can be shared.
 */
import type { CallView, InputView } from "@bellows/protocol/call-views";
import type { InputState } from "@bellows/protocol/states";
import { INPUT_STATES } from "@bellows/protocol/states";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { isLiveCall } from "../../lib/actions.ts";
import { formatCount, NOTHING } from "../../lib/format.ts";
import { LIVE_MS } from "../../lib/live.ts";
import { PAGE_ROWS } from "../../lib/paging.ts";
import { paths } from "../../lib/paths.ts";
import { replaceUrl } from "../../lib/replace-url.ts";
import { INPUT_LOOKS, InputBadge } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { IdLink } from "../../ui/copyable-id.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FilterBar } from "../../ui/filter-bar.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Panel } from "../../ui/section.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { StateSelect } from "../../ui/state-select.tsx";
import type { Column } from "../../ui/table.tsx";
import { Table } from "../../ui/table.tsx";
import { Elapsed, TimeAgo } from "../../ui/time.tsx";
import { GoToInput } from "./go-to-input.tsx";
import { InputPager } from "./input-pager.tsx";
import { lastAttemptStart } from "./timeline.ts";

const COLUMNS: readonly Column<InputView>[] = [
  {
    header: "Input",
    width: "6rem",
    cell: ({ callId, index }) => (
      <Link href={paths.input(callId, index)} className="link font-mono">
        #{formatCount(index)}
      </Link>
    ),
  },
  { header: "State", width: "8rem", cell: ({ state }) => <InputBadge state={state} /> },
  { header: "Attempts", align: "right", width: "6rem", cell: ({ attempts }) => attempts },
  {
    header: "Waited",
    align: "right",
    cell: ({ queuedAtMs, startedAtMs, finishedAtMs }) => (
      <Elapsed fromMs={queuedAtMs} toMs={startedAtMs ?? finishedAtMs} />
    ),
  },
  {
    header: "Ran",
    align: "right",
    cell: (input) => <Elapsed fromMs={lastAttemptStart(input)} toMs={input.finishedAtMs} />,
  },
  { header: "Ended", align: "right", cell: ({ finishedAtMs }) => <TimeAgo atMs={finishedAtMs} /> },
  {
    header: "Container",
    wide: true,
    width: "9rem",
    cell: ({ containerId }) =>
      containerId === null ? (
        <span className="text-ink-faint">{NOTHING}</span>
      ) : (
        <IdLink id={containerId} noun="container" href={paths.container(containerId)} quiet />
      ),
  },
];

export function CallInputs({ call, state, from }: { call: CallView; state: InputState | undefined; from: number }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.calls.inputs.queryOptions(
      { callId: call.id, state, from, limit: PAGE_ROWS },
      { refetchInterval: isLiveCall(call.state) ? LIVE_MS : false, placeholderData: keepPreviousData },
    ),
  );
  return (
    <>
      <FilterBar>
        <StateSelect
          states={INPUT_STATES}
          looks={INPUT_LOOKS}
          value={state}
          onChange={(chosen) => replaceUrl(paths.call(call.id, { state: chosen }))}
        />
        {call.receivedCount > PAGE_ROWS && <GoToInput call={call} state={state} />}
      </FilterBar>
      <Panel>
        <Loaded query={query} skeleton={<RowsSkeleton />}>
          {({ items, nextCursor }) => (
            <>
              {items.length === 0 ? (
                <NoInputs state={state} from={from} />
              ) : (
                <Table caption="Inputs" columns={COLUMNS} rows={items} rowKey={({ index }) => String(index)} />
              )}
              <InputPager call={call} state={state} from={from} shown={items} hasMore={nextCursor !== null} />
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function NoInputs({ state, from }: { state: InputState | undefined; from: number }) {
  const where = from > 0 ? ` from #${formatCount(from)} on` : "";
  if (state) {
    return (
      <EmptyState title={`No input is ${INPUT_LOOKS[state].label.toLowerCase()}${where}`}>
        Choose another state to see more.
      </EmptyState>
    );
  }
  return (
    <EmptyState title={from > 0 ? `There is no input${where}` : "No input has come yet"}>
      Inputs appear as the caller sends them.
    </EmptyState>
  );
}
