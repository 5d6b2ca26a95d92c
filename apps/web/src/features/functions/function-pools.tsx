"use client";
/** The pools of a function: containers of their own for other options or constructor arguments. Nothing when it has none. */
import type { FunctionView } from "@bellows/protocol/views";
import { useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatCount } from "../../lib/format.ts";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import { paths } from "../../lib/paths.ts";
import { FunctionBadge, liveContainerCount } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { PagedTable } from "../../ui/paged-table.tsx";
import { Section } from "../../ui/section.tsx";
import type { Column } from "../../ui/table.tsx";

const COLUMNS: readonly Column<FunctionView>[] = [
  {
    header: "Pool",
    cell: ({ appName, name, id, pool }) => (
      <Link href={paths.function({ app: appName, function: name, pool: id })} className="link font-mono">
        {pool?.label || id}
      </Link>
    ),
  },
  { header: "State", width: "8rem", cell: ({ stats }) => <FunctionBadge stats={stats} /> },
  { header: "Queued", align: "right", width: "7rem", cell: ({ stats }) => formatCount(stats.queued) },
  { header: "Running", align: "right", width: "7rem", cell: ({ stats }) => formatCount(stats.running) },
  { header: "Containers", align: "right", width: "7rem", cell: ({ stats }) => formatCount(liveContainerCount(stats)) },
  {
    header: "Scales",
    align: "right",
    width: "8rem",
    cell: ({ settings }) => `${settings.minContainers} to ${settings.maxContainers}`,
  },
];

export function FunctionPools({ fn }: { fn: FunctionView }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.functions.list.infiniteQueryOptions({ baseId: fn.id, appId: fn.appId, limit: PAGE_ROWS }, livePages),
  );
  if (!query.data?.pages[0]?.items.length) return null;
  return (
    <Section title="Pools">
      <PagedTable
        query={query}
        caption="Pools of this function"
        noun="pools"
        columns={COLUMNS}
        rowKey={({ id }) => id}
        empty={null}
      />
    </Section>
  );
}
