"use client";
import type { CallView } from "@bellows/protocol/views";
import Link from "next/link";
import type { ReactNode } from "react";
import { paths } from "../../lib/paths.ts";
import { CallBadge } from "../../lib/status.tsx";
import { ShortId } from "../../ui/copyable-id.tsx";
import { FunctionLink } from "../../ui/function-link.tsx";
import type { PagedQuery } from "../../ui/paged-table.tsx";
import { PagedTable } from "../../ui/paged-table.tsx";
import type { Column } from "../../ui/table.tsx";
import { Elapsed, TimeAgo } from "../../ui/time.tsx";
import { CallProgress } from "./call-progress.tsx";

const CALL: Column<CallView> = {
  header: "Call",
  width: "8rem",
  cell: ({ id }) => (
    <Link href={paths.call(id)} className="link">
      <ShortId id={id} />
    </Link>
  ),
};

const FUNCTION: Column<CallView> = {
  header: "Function",
  wide: true,
  cell: ({ appName, functionName }) => <FunctionLink app={appName} name={functionName} />,
};

const REST: readonly Column<CallView>[] = [
  { header: "Kind", width: "7rem", cell: ({ kind }) => <span className="font-mono text-[0.8125rem]">{kind}</span> },
  { header: "State", width: "8rem", cell: ({ state }) => <CallBadge state={state} /> },
  { header: "Inputs ended", wide: true, align: "right", width: "13rem", cell: (call) => <CallProgress call={call} /> },
  { header: "Made", align: "right", width: "7rem", cell: ({ createdAtMs }) => <TimeAgo atMs={createdAtMs} /> },
  {
    header: "Took",
    align: "right",
    width: "7rem",
    cell: ({ createdAtMs, finishedAtMs }) => <Elapsed fromMs={createdAtMs} toMs={finishedAtMs} />,
  },
];

const COLUMNS = [CALL, FUNCTION, ...REST];
const COLUMNS_OF_ONE_FUNCTION = [CALL, ...REST];

export function CallsTable({
  query,
  ofOneFunction = false,
  empty,
}: {
  query: PagedQuery<CallView>;
  ofOneFunction?: boolean;
  empty: ReactNode;
}) {
  return (
    <PagedTable
      query={query}
      caption="Calls, newest first"
      noun="calls"
      columns={ofOneFunction ? COLUMNS_OF_ONE_FUNCTION : COLUMNS}
      rowKey={({ id }) => id}
      empty={empty}
    />
  );
}
