"use client";
/** Everything at a glance: what is wrong first, then what runs, then what ran. */
import { LIMITS } from "@bellows/protocol/limits";
import type { AppView, Page } from "@bellows/protocol/views";
import type { InfiniteData } from "@tanstack/react-query";
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
import { standstillOf } from "../functions/standstill.ts";
import { STUCK_ID, StuckFunctions } from "./stuck-functions.tsx";

export function Overview() {
  const trpc = useTRPC();
  const apps = useInfiniteQuery(trpc.apps.list.infiniteQueryOptions({ limit: LIMITS.pageRows }, livePages));
  const containers = useInfiniteQuery(trpc.containers.list.infiniteQueryOptions({ limit: PREVIEW_ROWS }, livePages));
  const functions = useQuery(
    trpc.functions.list.queryOptions({ limit: LIMITS.pageRows }, { refetchInterval: LIVE_MS }),
  );
  const stuck = functions.data?.items.filter(({ stats }) => standstillOf(stats) !== null);
  return (
    <>
      <PageHeader title="Overview" />
      <div className="flex flex-col gap-6">
        <StuckFunctions functions={stuck ?? []} />
        <Totals apps={apps.data} stuck={stuck?.length} />
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

function Totals({ apps, stuck }: { apps: InfiniteData<Page<AppView>> | undefined; stuck: number | undefined }) {
  const loaded = apps?.pages.flatMap(({ items }) => items);
  // Sums are of the apps that are loaded; with more of them to come they are not the whole.
  const partial = apps?.pages.at(-1)?.nextCursor != null;
  const sum = (of: (app: AppView) => number) => loaded?.reduce((total, app) => total + of(app), 0);
  const queued = sum((app) => app.queued);
  const running = sum((app) => app.running);
  return (
    <StatStrip
      label="Live numbers"
      stats={[
        {
          label: "Queued inputs",
          value: <Total of={queued} partial={partial} />,
          href: paths.calls({ state: "running" }),
          tone: queued ? "wait" : undefined,
        },
        {
          label: "Running inputs",
          value: <Total of={running} partial={partial} />,
          href: paths.calls({ state: "running" }),
          tone: running ? "info" : undefined,
        },
        {
          label: "Live containers",
          value: <Total of={sum((app) => app.liveContainers)} partial={partial} />,
          href: paths.containers(),
        },
        { label: "Apps", value: <Total of={loaded?.length} partial={partial} />, href: paths.apps() },
        {
          label: "Stuck functions",
          value: <Total of={stuck} />,
          ...(stuck ? { href: `#${STUCK_ID}`, tone: "bad" } : {}),
        },
      ]}
    />
  );
}

function Total({ of: count, partial = false }: { of: number | undefined; partial?: boolean }) {
  if (count === undefined) return <Skeleton className="my-1.5 h-4 w-10" />;
  return partial ? <span title="of the apps listed below">{formatCount(count)}+</span> : formatCount(count);
}
