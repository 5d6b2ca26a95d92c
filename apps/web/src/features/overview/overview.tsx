"use client";
/** Everything at a glance: what is wrong first, then what runs, then what ran. */
import { LIMITS } from "@bellows/protocol/limits";
import type { AppView, FunctionView } from "@bellows/protocol/views";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatCount } from "../../lib/format.ts";
import { LIVE_MS } from "../../lib/live.ts";
import { livePages, PREVIEW_ROWS } from "../../lib/paging.ts";
import { paths } from "../../lib/paths.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { Section } from "../../ui/section.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StatStrip } from "../../ui/stat-strip.tsx";
import { AppsTable } from "../apps/apps-table.tsx";
import { RecentCalls } from "../calls/recent-calls.tsx";
import { ContainersTable } from "../containers/containers-table.tsx";
import { NoContainers } from "../containers/no-containers.tsx";
import { DegradedFunctions } from "./degraded-functions.tsx";

export function Overview() {
  const trpc = useTRPC();
  const apps = useInfiniteQuery(trpc.apps.list.infiniteQueryOptions({ limit: LIMITS.pageRows }, livePages));
  const containers = useInfiniteQuery(trpc.containers.list.infiniteQueryOptions({ limit: PREVIEW_ROWS }, livePages));
  const functions = useQuery(
    trpc.functions.list.queryOptions({ limit: LIMITS.pageRows }, { refetchInterval: LIVE_MS }),
  );
  const degraded = functions.data?.items.filter(({ stats }) => stats.degraded !== null) ?? [];
  return (
    <>
      <PageHeader title="Overview" />
      <div className="flex flex-col gap-6">
        <DegradedFunctions functions={degraded} />
        <Totals apps={apps.data?.pages.flatMap(({ items }) => items)} degraded={degraded} />
        <Section title="Apps">
          <AppsTable query={apps} />
        </Section>
        <Section
          title="Live containers"
          actions={
            <Link href={paths.containers()} className="link">
              All containers
            </Link>
          }
        >
          <ContainersTable query={{ ...containers, hasNextPage: false }} empty={<NoContainers />} />
        </Section>
        <RecentCalls filter={{}} more={paths.calls()} />
      </div>
    </>
  );
}

function Totals({ apps, degraded }: { apps: readonly AppView[] | undefined; degraded: readonly FunctionView[] }) {
  const sum = (of: (app: AppView) => number) => apps?.reduce((total, app) => total + of(app), 0);
  const queued = sum((app) => app.queued);
  const running = sum((app) => app.running);
  const live = sum((app) => app.liveContainers);
  return (
    <StatStrip
      label="Live numbers"
      stats={[
        {
          label: "Queued inputs",
          value: <Total of={queued} />,
          href: paths.calls({ state: "running" }),
          tone: queued ? "wait" : undefined,
        },
        {
          label: "Running inputs",
          value: <Total of={running} />,
          href: paths.calls({ state: "running" }),
          tone: running ? "info" : undefined,
        },
        { label: "Live containers", value: <Total of={live} />, href: paths.containers() },
        { label: "Apps", value: <Total of={apps?.length} />, href: paths.apps() },
        {
          label: "Degraded functions",
          value: degraded.length,
          href: paths.apps(),
          tone: degraded.length > 0 ? "bad" : undefined,
        },
      ]}
    />
  );
}

function Total({ of: count }: { of: number | undefined }) {
  return count === undefined ? <Skeleton className="my-1.5 h-4 w-10" /> : formatCount(count);
}
