import type { FunctionView } from "@bellows/protocol/views";
import Link from "next/link";
import { paths } from "../../lib/paths.ts";
import { FunctionBadge, FunctionKindTag, liveContainerCount } from "../../lib/status.tsx";
import { CountLink } from "../../ui/count-link.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import type { PagedQuery } from "../../ui/paged-table.tsx";
import { PagedTable } from "../../ui/paged-table.tsx";
import type { Column } from "../../ui/table.tsx";

const COLUMNS: readonly Column<FunctionView>[] = [
  {
    header: "Function",
    cell: ({ appName, name, settings }) => (
      <span className="inline-flex items-center gap-2">
        <Link href={paths.function({ app: appName, function: name })} className="link font-medium">
          {name}
        </Link>
        <FunctionKindTag kind={settings.kind} />
      </span>
    ),
  },
  { header: "State", width: "8rem", cell: ({ stats }) => <FunctionBadge stats={stats} /> },
  {
    header: "Queued",
    align: "right",
    width: "7rem",
    cell: ({ appName, name, stats }) => (
      <CountLink count={stats.queued} href={paths.calls({ app: appName, function: name, state: "running" })} />
    ),
  },
  {
    header: "Running",
    align: "right",
    width: "7rem",
    cell: ({ appName, name, stats }) => (
      <CountLink count={stats.running} href={paths.calls({ app: appName, function: name, state: "running" })} />
    ),
  },
  {
    header: "Containers",
    align: "right",
    width: "7rem",
    cell: ({ appName, name, stats }) => (
      <CountLink count={liveContainerCount(stats)} href={paths.containers({ app: appName, function: name })} />
    ),
  },
  {
    header: "Scales",
    align: "right",
    width: "8rem",
    cell: ({ appName, name, settings }) => (
      <Link href={paths.function({ app: appName, function: name }, "settings")} className="link-quiet">
        {settings.minContainers} to {settings.maxContainers}
      </Link>
    ),
  },
];

export function FunctionsTable({ query }: { query: PagedQuery<FunctionView> }) {
  return (
    <PagedTable
      query={query}
      caption="Functions"
      noun="functions"
      columns={COLUMNS}
      rowKey={({ id }) => id}
      empty={
        <EmptyState title="This app has no functions">
          A function belongs to an app when the file exports it. Export one, and deploy the file again.
        </EmptyState>
      }
    />
  );
}
