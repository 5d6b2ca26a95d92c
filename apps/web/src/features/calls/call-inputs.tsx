"use client";
/** The inputs of a call, by index or only those in one state. */
import type { InputState } from "@bellows/protocol/states";
import { INPUT_STATES } from "@bellows/protocol/states";
import type { CallView, InputView } from "@bellows/protocol/views";
import { useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { isLiveCall } from "../../lib/actions.ts";
import { NOTHING } from "../../lib/format.ts";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import { paths } from "../../lib/paths.ts";
import { replaceUrl } from "../../lib/replace-url.ts";
import { INPUT_LOOKS, InputBadge } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { ShortId } from "../../ui/copyable-id.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { PagedTable } from "../../ui/paged-table.tsx";
import { Panel } from "../../ui/section.tsx";
import { Select } from "../../ui/select.tsx";
import type { Column } from "../../ui/table.tsx";
import { Elapsed, TimeAgo } from "../../ui/time.tsx";
import { lastAttemptStart } from "./timeline.ts";

const COLUMNS: readonly Column<InputView>[] = [
  {
    header: "Input",
    width: "6rem",
    cell: ({ callId, index }) => (
      <Link href={paths.input(callId, index)} className="link font-mono">
        #{index}
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
    align: "right",
    width: "9rem",
    cell: ({ containerId }) =>
      containerId === null ? (
        <span className="text-ink-faint">{NOTHING}</span>
      ) : (
        <Link href={paths.container(containerId)} className="link-quiet">
          <ShortId id={containerId} />
        </Link>
      ),
  },
];

const STATES = INPUT_STATES.map((state) => ({ value: state, label: INPUT_LOOKS[state].label }));

export function CallInputs({ call, state }: { call: CallView; state: InputState | undefined }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.calls.inputs.infiniteQueryOptions(
      { callId: call.id, state, limit: PAGE_ROWS },
      isLiveCall(call.state) ? livePages : { ...livePages, refetchInterval: false },
    ),
  );
  return (
    <>
      <div className="mb-3 flex">
        <Select
          label="State"
          any="Any state"
          value={state ?? ""}
          options={STATES}
          onChange={(chosen) => replaceUrl(paths.call(call.id, { state: chosen }))}
        />
      </div>
      <Panel>
        <PagedTable
          query={query}
          caption="Inputs"
          noun="inputs"
          columns={COLUMNS}
          rowKey={({ index }) => String(index)}
          empty={
            <EmptyState
              title={state ? `No input is ${INPUT_LOOKS[state].label.toLowerCase()}` : "No input has come yet"}
            >
              {state ? "Choose another state to see more." : "Inputs appear as the caller sends them."}
            </EmptyState>
          }
        />
      </Panel>
    </>
  );
}
