import type { ImageBuildView } from "@bellows/protocol/views";
import Link from "next/link";
import { paths } from "../../lib/paths.ts";
import { ImageBadge } from "../../lib/status.tsx";
import { Tag } from "../../ui/badge.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import type { PagedQuery } from "../../ui/paged-table.tsx";
import { PagedTable } from "../../ui/paged-table.tsx";
import type { Column } from "../../ui/table.tsx";
import { Elapsed, TimeAgo } from "../../ui/time.tsx";
import { partsOf } from "./parts.ts";

const ID_CHARS = 8;

const COLUMNS: readonly Column<ImageBuildView>[] = [
  {
    header: "Image",
    width: "8rem",
    cell: ({ id }) => (
      <Link href={paths.image(id)} className="link font-mono" title={id}>
        {id.slice(0, ID_CHARS)}
      </Link>
    ),
  },
  { header: "State", width: "8rem", cell: ({ state }) => <ImageBadge state={state} /> },
  {
    header: "Made of",
    wide: true,
    cell: (image) => <span className="font-mono text-xs">{partsOf(image).join(", ")}</span>,
  },
  { header: "Driver", width: "7rem", cell: ({ driver }) => <Tag>{driver}</Tag> },
  {
    header: "Took",
    align: "right",
    width: "6rem",
    cell: ({ startedAtMs, finishedAtMs }) => <Elapsed fromMs={startedAtMs} toMs={finishedAtMs} />,
  },
  { header: "Started", align: "right", width: "8rem", cell: ({ startedAtMs }) => <TimeAgo atMs={startedAtMs} /> },
];

export function ImagesTable({ query }: { query: PagedQuery<ImageBuildView> }) {
  return (
    <PagedTable
      query={query}
      caption="Images"
      noun="images"
      columns={COLUMNS}
      rowKey={({ id }) => id}
      empty={
        <EmptyState title="No image was built yet" command="npx bellows deploy examples/images/images.ts">
          Functions run on this host's own Node until they ask for more: npm packages, programs of a distribution,
          files.
        </EmptyState>
      }
    />
  );
}
