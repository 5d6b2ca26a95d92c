"use client";
/** Every change of the number of containers that was wanted, with its reason in words, newest first. */
import type { DecisionView } from "@bellows/protocol/views";
import { useInfiniteQuery } from "@tanstack/react-query";
import { formatCount, NOTHING } from "../../lib/format.ts";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Tag } from "../../ui/badge.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { PagedTable } from "../../ui/paged-table.tsx";
import { Section } from "../../ui/section.tsx";
import type { Column } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";

const COLUMNS: readonly Column<DecisionView>[] = [
  { header: "When", cell: ({ atMs }) => <TimeAgo atMs={atMs} />, width: "8rem" },
  { header: "Reason", cell: ({ reason }) => <span className="block text-pretty">{reason}</span>, wide: true },
  {
    header: "Containers",
    align: "right",
    width: "8rem",
    cell: ({ current, desired }) => (
      <span className="whitespace-nowrap">
        <span className="text-ink-faint">{formatCount(current)} →</span> {formatCount(desired)}
      </span>
    ),
  },
  { header: "Queued", align: "right", width: "6rem", cell: ({ queued }) => formatCount(queued) },
  { header: "Running", align: "right", width: "6rem", cell: ({ running }) => formatCount(running) },
  {
    header: "Capped by",
    width: "9rem",
    wide: true,
    cell: ({ cappedBy }) =>
      cappedBy === null ? <span className="text-ink-faint">{NOTHING}</span> : <Tag>{cappedBy}</Tag>,
  },
];

export function DecisionLog({ functionId }: { functionId: string }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.functions.decisions.infiniteQueryOptions({ functionId, limit: PAGE_ROWS }, livePages),
  );
  return (
    <Section title="Decisions">
      <PagedTable
        query={query}
        caption="Decisions of the autoscaler"
        noun="decisions"
        columns={COLUMNS}
        rowKey={({ id }) => id}
        empty={
          <EmptyState title="Nothing was decided yet">
            The autoscaler writes down each time it wants another number of containers, and why. They are kept as long
            as calls are.
          </EmptyState>
        }
      />
    </Section>
  );
}
