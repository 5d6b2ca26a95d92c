"use client";
import type { CallView } from "@bellows/protocol/views";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { isLiveCall } from "../../lib/actions.ts";
import { parseCallTab, parseInputState } from "../../lib/filters.ts";
import { formatCount, shortId } from "../../lib/format.ts";
import { LIVE_MS } from "../../lib/live.ts";
import { paths } from "../../lib/paths.ts";
import { CallBadge } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { Tag } from "../../ui/badge.tsx";
import { CopyableId } from "../../ui/copyable-id.tsx";
import { FunctionLink } from "../../ui/function-link.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PageSkeleton } from "../../ui/page-skeleton.tsx";
import { StatStrip } from "../../ui/stat-strip.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Elapsed, TimeAgo } from "../../ui/time.tsx";
import { LogView } from "../logs/log-view.tsx";
import { CallInputs } from "./call-inputs.tsx";
import { ProgressBar } from "./call-progress.tsx";
import { CancelCall } from "./cancel-call.tsx";
import { progressOf } from "./progress.ts";

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
      {(call) => <CallDetail call={call} />}
    </Loaded>
  );
}

function CallDetail({ call }: { call: CallView }) {
  const search = useSearchParams();
  const tab = parseCallTab(search);
  const live = isLiveCall(call.state);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Calls", href: paths.calls() }]}
        title={<>Call {shortId(call.id)}</>}
        state={<CallBadge state={call.state} />}
        facts={
          <>
            <FunctionLink app={call.appName} name={call.functionName} />
            <Tag title="made by this verb">{call.kind}</Tag>
            <span>
              made <TimeAgo atMs={call.createdAtMs} />
            </span>
            <CopyableId id={call.id} label="call id" />
          </>
        }
        actions={<CancelCall call={call} />}
      />
      <Progress call={call} />
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
            { label: "Logs", href: paths.call(call.id, { tab: "logs" }), current: tab === "logs" },
          ]}
        />
        {tab === "logs" ? (
          <LogView filter={{ callId: call.id }} live={live} showInput />
        ) : (
          <CallInputs call={call} state={parseInputState(search)} />
        )}
      </div>
    </>
  );
}

function Progress({ call }: { call: CallView }) {
  const { done, total, open } = progressOf(call);
  const { succeeded, failed, cancelled } = call.counts;
  return (
    <div className="flex flex-col gap-3">
      <ProgressBar call={call} />
      <StatStrip
        label="Progress"
        stats={[
          {
            label: "Ended",
            value: formatCount(done),
            note: `of ${formatCount(total)}${open ? " so far" : ""}`,
            href: paths.call(call.id),
          },
          {
            label: "Succeeded",
            value: formatCount(succeeded),
            href: paths.call(call.id, { state: "succeeded" }),
            tone: succeeded > 0 ? "good" : undefined,
          },
          {
            label: "Failed",
            value: formatCount(failed),
            href: paths.call(call.id, { state: "failed" }),
            tone: failed > 0 ? "bad" : undefined,
          },
          { label: "Cancelled", value: formatCount(cancelled), href: paths.call(call.id, { state: "cancelled" }) },
          {
            label: call.finishedAtMs === null ? "Running for" : "Took",
            value: <Elapsed fromMs={call.createdAtMs} toMs={call.finishedAtMs} />,
          },
        ]}
      />
    </div>
  );
}
