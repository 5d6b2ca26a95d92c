"use client";
/** One function: what it is doing now, and why it has the containers it has. */
import type { FunctionView } from "@bellows/protocol/views";
import { skipToken, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { isFinishedApp } from "../../lib/actions.ts";
import { parseFunctionTab, parsePool } from "../../lib/filters.ts";
import { LIVE_MS } from "../../lib/live.ts";
import type { FunctionPath, FunctionTab } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
import { AppBadge, FunctionBadge, FunctionKindTag } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { Tag } from "../../ui/badge.tsx";
import { KeyValues } from "../../ui/key-values.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PageSkeleton } from "../../ui/page-skeleton.tsx";
import { Panel, Section } from "../../ui/section.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { AutoscalerTab } from "../autoscaler/autoscaler-tab.tsx";
import { RecentCalls } from "../calls/recent-calls.tsx";
import { LoadTab } from "../load/load-tab.tsx";
import { LogView } from "../logs/log-view.tsx";
import { FunctionCalls } from "./function-calls.tsx";
import { FunctionContainers } from "./function-containers.tsx";
import { FunctionPools } from "./function-pools.tsx";
import { LivePanel } from "./live-panel.tsx";
import { settingRows } from "./settings-rows.ts";
import { useFunctionId } from "./use-function-id.ts";

const TABS: readonly { tab: FunctionTab; label: string }[] = [
  { tab: "overview", label: "Overview" },
  { tab: "load", label: "Load" },
  { tab: "autoscaler", label: "Autoscaler" },
  { tab: "calls", label: "Calls" },
  { tab: "containers", label: "Containers" },
  { tab: "logs", label: "Logs" },
  { tab: "settings", label: "Settings" },
];

export function FunctionPage({ path: { app, function: name } }: { path: FunctionPath }) {
  const trpc = useTRPC();
  const pool = parsePool(useSearchParams());
  const path = { app, function: name, pool };
  const base = useFunctionId(pool === undefined ? path : undefined);
  const { id, error } = pool === undefined ? base : { id: pool, error: null };
  const query = useQuery(
    trpc.functions.get.queryOptions(id === undefined ? skipToken : { id }, { refetchInterval: LIVE_MS }),
  );
  return (
    <Loaded query={{ data: query.data, error: error ?? query.error }} skeleton={<PageSkeleton />}>
      {(fn) => <FunctionDetail fn={fn} path={path} />}
    </Loaded>
  );
}

function FunctionDetail({ fn, path }: { fn: FunctionView; path: FunctionPath }) {
  const tab = parseFunctionTab(useSearchParams());
  return (
    <>
      <PageHeader
        crumbs={[
          { label: "Apps", href: paths.apps() },
          { label: fn.appName, href: paths.app(fn.appName) },
          ...(fn.pool ? [{ label: fn.name, href: paths.function({ app: fn.appName, function: fn.name }) }] : []),
        ]}
        title={
          <>
            {fn.name}
            {fn.pool && <span className="ml-2 font-mono font-normal text-base text-ink-soft">{fn.pool.label}</span>}
          </>
        }
        state={isFinishedApp(fn.appState) ? <AppBadge state={fn.appState} /> : <FunctionBadge stats={fn.stats} />}
        facts={
          <>
            <span className="flex gap-1.5">
              <FunctionKindTag kind={fn.settings.kind} />
              <Tag title={`deployment ${fn.deploymentVersion}`}>v{fn.deploymentVersion}</Tag>
            </span>
            {fn.pool && (
              <span title="containers of its own, for other options or constructor arguments">
                pool of{" "}
                <Link href={paths.function({ app: fn.appName, function: fn.name })} className="link">
                  {fn.name}
                </Link>
              </span>
            )}
            <span>
              registered <TimeAgo atMs={fn.createdAtMs} />
            </span>
          </>
        }
      />
      <LivePanel fn={fn} path={path} />
      <div className="mt-5">
        <Tabs
          label="Views of this function"
          tabs={TABS.map((item) => ({
            label: item.label,
            href: paths.function(path, item.tab),
            current: item.tab === tab,
          }))}
        />
        <TabBody tab={tab} fn={fn} path={path} />
      </div>
    </>
  );
}

function TabBody({ tab, fn, path }: { tab: FunctionTab; fn: FunctionView; path: FunctionPath }) {
  switch (tab) {
    case "overview":
      return (
        <div className="flex flex-col gap-6">
          {fn.settings.methods.length > 0 && <Methods methods={fn.settings.methods} />}
          {fn.pool === null && <FunctionPools fn={fn} />}
          <Section title="Live containers">
            <FunctionContainers functionId={fn.id} includeGone={false} />
          </Section>
          <RecentCalls filter={{ functionId: fn.id }} more={paths.function(path, "calls")} of={fn} />
        </div>
      );
    case "load":
      return <LoadTab fn={fn} path={path} />;
    case "autoscaler":
      return <AutoscalerTab fn={fn} />;
    case "calls":
      return (
        <Panel>
          <FunctionCalls fn={fn} />
        </Panel>
      );
    case "containers":
      return (
        <Panel>
          <FunctionContainers functionId={fn.id} includeGone />
        </Panel>
      );
    case "logs":
      return <LogView filter={{ functionId: fn.id }} live={!isFinishedApp(fn.appState)} />;
    case "settings":
      return (
        <Panel>
          <KeyValues
            items={settingRows(fn.settings).map(({ option, value, note }) => ({
              key: option,
              value: <span className="font-mono text-[0.8125rem]">{value}</span>,
              note,
            }))}
          />
        </Panel>
      );
  }
}

function Methods({ methods }: { methods: readonly string[] }) {
  return (
    <Section title="Methods" count={methods.length} padded>
      <ul className="flex flex-wrap gap-2">
        {methods.map((method) => (
          <li key={method}>
            <Tag>{method}()</Tag>
          </li>
        ))}
      </ul>
    </Section>
  );
}
