"use client";
import type { AppView } from "@bellows/protocol/views";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { isFinishedApp } from "../../lib/actions.ts";
import { parseAppTab } from "../../lib/filters.ts";
import { formatCount } from "../../lib/format.ts";
import { LIVE_MS } from "../../lib/live.ts";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import { paths } from "../../lib/paths.ts";
import { AppBadge } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { Tag } from "../../ui/badge.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PageSkeleton } from "../../ui/page-skeleton.tsx";
import { Section } from "../../ui/section.tsx";
import { StatStrip } from "../../ui/stat-strip.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { RecentCalls } from "../calls/recent-calls.tsx";
import { FunctionsTable } from "../functions/functions-table.tsx";
import { LogView } from "../logs/log-view.tsx";

export function AppPage({ name }: { name: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.apps.get.queryOptions({ name }, { refetchInterval: LIVE_MS }));
  return (
    <Loaded query={query} skeleton={<PageSkeleton />}>
      {(app) => <AppDetail app={app} />}
    </Loaded>
  );
}

function AppDetail({ app }: { app: AppView }) {
  const logs = parseAppTab(useSearchParams()) === "logs";
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Apps", href: paths.apps() }]}
        title={app.name}
        state={<AppBadge state={app.state} />}
        facts={
          <>
            <Tag title={`deployment ${app.version}`}>v{app.version}</Tag>
            <span>
              deployed <TimeAgo atMs={app.deployedAtMs} />
            </span>
          </>
        }
      />
      <StatStrip
        label="Live numbers"
        stats={[
          {
            label: "Queued inputs",
            value: formatCount(app.queued),
            href: paths.calls({ app: app.name, state: "running" }),
            tone: app.queued > 0 ? "wait" : undefined,
          },
          {
            label: "Running inputs",
            value: formatCount(app.running),
            href: paths.calls({ app: app.name, state: "running" }),
            tone: app.running > 0 ? "info" : undefined,
          },
          {
            label: "Live containers",
            value: formatCount(app.liveContainers),
            href: paths.containers({ app: app.name }),
          },
          { label: "Functions", value: formatCount(app.functionCount), href: paths.app(app.name) },
        ]}
      />
      <div className="mt-5">
        <Tabs
          label="Views of this app"
          tabs={[
            { label: "Functions", href: paths.app(app.name), current: !logs },
            { label: "Logs", href: paths.app(app.name, "logs"), current: logs },
          ]}
        />
        {logs ? (
          <LogView filter={{ appId: app.id }} live={!isFinishedApp(app.state)} showFunction />
        ) : (
          <Parts app={app} />
        )}
      </div>
    </>
  );
}

function Parts({ app }: { app: AppView }) {
  const trpc = useTRPC();
  const functions = useInfiniteQuery(
    trpc.functions.list.infiniteQueryOptions({ appId: app.id, limit: PAGE_ROWS }, livePages),
  );
  return (
    <div className="flex flex-col gap-6">
      <Section title="Functions">
        <FunctionsTable query={functions} />
      </Section>
      <RecentCalls filter={{ appId: app.id }} more={paths.calls({ app: app.name })} />
    </div>
  );
}
