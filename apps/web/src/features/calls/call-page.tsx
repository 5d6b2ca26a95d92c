"use client";
/** One call: how far it is, its inputs, the calls around it, what it said. */
import type { CallView } from "@bellows/protocol/call-views";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { canRetryCall, isLiveCall, isTooLateToRetry } from "../../lib/actions.ts";
import { parseCallTab, parseInputFrom, parseInputState } from "../../lib/filters.ts";
import { formatCount, shortId } from "../../lib/format.ts";
import { LIVE_MS } from "../../lib/live.ts";
import type { CallTab } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
import { CallBadge, callStanding } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { useRights } from "../../lib/use-rights.ts";
import { Tag } from "../../ui/badge.tsx";
import { CopyableId, IdLink } from "../../ui/copyable-id.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FunctionLink } from "../../ui/function-link.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PageSkeleton } from "../../ui/page-skeleton.tsx";
import { Panel } from "../../ui/section.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { LogView } from "../logs/log-view.tsx";
import { CallInputs } from "./call-inputs.tsx";
import { CallNumbers } from "./call-numbers.tsx";
import { callsBelow } from "./call-tree.ts";
import { CallTreeView } from "./call-tree-view.tsx";
import { CancelCall } from "./cancel-call.tsx";
import { FirstError } from "./first-error.tsx";
import { RetryCall } from "./retry-call.tsx";
import { useCallTree } from "./use-call-tree.ts";
import { WaitReason } from "./wait-reason.tsx";

export function CallPage({ id }: { id: string }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.calls.get.queryOptions(
      { id },
      { refetchInterval: ({ state: { data } }) => (data && !isLiveCall(data.state) ? false : LIVE_MS) },
    ),
  );
  return (
    <Loaded query={query} skeleton={<PageSkeleton />}>
      {(call) => <CallDetail call={call} answeredAtMs={query.dataUpdatedAt} />}
    </Loaded>
  );
}

function CallDetail({ call, answeredAtMs }: { call: CallView; answeredAtMs: number }) {
  const tab = parseCallTab(useSearchParams());
  const { mayChange } = useRights();
  const tree = useCallTree(call);
  const nested = tree.data && callsBelow(tree.data.root, call.id);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Calls", href: paths.calls() }]}
        title={<>Call {shortId(call.id)}</>}
        state={<CallBadge call={call} />}
        facts={
          <>
            <FunctionLink app={call.appName} name={call.functionName} method={call.method} />
            <Tag title="made by this verb">{call.kind}</Tag>
            <span>
              made <TimeAgo atMs={call.createdAtMs} />
            </span>
            {call.parent && (
              <span>
                by{" "}
                <IdLink
                  id={call.parent.callId}
                  noun="call"
                  before={`input #${formatCount(call.parent.index)} of `}
                  href={paths.input(call.parent.callId, call.parent.index)}
                />
              </span>
            )}
            <CopyableId id={call.id} noun="call" />
          </>
        }
        actions={
          mayChange && (
            <>
              {canRetryCall(call) && <RetryCall call={call} />}
              <CancelCall call={call} />
            </>
          )
        }
      />
      {callStanding(call) === "cancelling" && (
        <p role="status" className="-mt-2 mb-4 text-wait">
          Cancelling: nothing of it starts any more; what runs has been told to stop.
        </p>
      )}
      {mayChange && isTooLateToRetry(call) && (
        <p className="-mt-2 mb-4 text-ink-soft">
          {call.appName} / {call.functionName} is not deployed any more, so what ended badly cannot be retried: make a
          new call.
        </p>
      )}
      <div className="flex flex-col gap-3">
        {call.waitReason !== null && <WaitReason call={call} reason={call.waitReason} />}
        <CallNumbers call={call} answeredAtMs={answeredAtMs} />
        {call.counts.failed > 0 && <FirstError call={call} />}
      </div>
      <div className="mt-5">
        <Tabs
          label="Views of this call"
          tabs={[
            {
              label: "Inputs",
              href: paths.call(call.id),
              current: tab === "inputs",
              count: formatCount(call.receivedCount),
            },
            {
              label: "Nested calls",
              href: paths.call(call.id, { tab: "tree" }),
              current: tab === "tree",
              ...(nested?.count ? { count: `${formatCount(nested.count)}${nested.more ? "+" : ""}` } : {}),
            },
            { label: "Logs", href: paths.call(call.id, { tab: "logs" }), current: tab === "logs" },
          ]}
        />
        <TabBody tab={tab} call={call} tree={tree} />
      </div>
    </>
  );
}

function TabBody({ tab, call, tree }: { tab: CallTab; call: CallView; tree: ReturnType<typeof useCallTree> }) {
  const search = useSearchParams();
  switch (tab) {
    case "inputs":
      return <CallInputs call={call} state={parseInputState(search)} from={parseInputFrom(search)} />;
    case "tree":
      return (
        <Panel>
          <Loaded query={tree} skeleton={<RowsSkeleton />}>
            {({ root }) =>
              root.children.length + root.hidden === 0 && root.call.parent === null ? (
                <EmptyState title="This call stands alone">
                  When the code of an input calls a function, that call appears here under the input that made it.
                </EmptyState>
              ) : (
                <CallTreeView root={root} currentId={call.id} />
              )
            }
          </Loaded>
        </Panel>
      );
    case "logs":
      return <LogView filter={{ callId: call.id }} live={isLiveCall(call.state)} showInput />;
  }
}
