import type { AppView } from "@bellows/protocol/views";
import Link from "next/link";
import { paths } from "../../lib/paths.ts";
import { AppBadge } from "../../lib/status.tsx";
import { Tag } from "../../ui/badge.tsx";
import { CountLink } from "../../ui/count-link.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import type { PagedQuery } from "../../ui/paged-table.tsx";
import { PagedTable } from "../../ui/paged-table.tsx";
import type { Column } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";

const COLUMNS: readonly Column<AppView>[] = [
  {
    header: "App",
    cell: ({ name, version }) => (
      <span className="inline-flex items-center gap-2">
        <Link href={paths.app(name)} className="link font-medium">
          {name}
        </Link>
        <Tag title={`deployment ${version}`}>v{version}</Tag>
      </span>
    ),
  },
  { header: "State", cell: ({ state }) => <AppBadge state={state} />, width: "8rem" },
  {
    header: "Functions",
    align: "right",
    width: "7rem",
    cell: ({ name, functionCount }) => <CountLink count={functionCount} href={paths.app(name)} />,
  },
  {
    header: "Queued",
    align: "right",
    width: "7rem",
    cell: ({ name, queued }) => <CountLink count={queued} href={paths.calls({ app: name, state: "running" })} />,
  },
  {
    header: "Running",
    align: "right",
    width: "7rem",
    cell: ({ name, running }) => <CountLink count={running} href={paths.calls({ app: name, state: "running" })} />,
  },
  {
    header: "Containers",
    align: "right",
    width: "7rem",
    cell: ({ name, liveContainers }) => <CountLink count={liveContainers} href={paths.containers({ app: name })} />,
  },
  { header: "Deployed", align: "right", width: "8rem", cell: ({ deployedAtMs }) => <TimeAgo atMs={deployedAtMs} /> },
];

export function AppsTable({ query }: { query: PagedQuery<AppView> }) {
  return (
    <PagedTable
      query={query}
      caption="Apps"
      noun="apps"
      columns={COLUMNS}
      rowKey={({ id }) => id}
      empty={
        <EmptyState title="No app is deployed yet" command="npx bellows deploy examples/hello/hello.ts">
          An app is a file of functions. Deploy one, and its functions, calls and containers appear here.
        </EmptyState>
      }
    />
  );
}
