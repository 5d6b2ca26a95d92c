import type { CallView } from "@bellows/protocol/call-views";
import type { FunctionView } from "@bellows/protocol/views";
import { CornerDownRight } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { NOTHING, shortId } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { CallBadge } from "../../lib/status.tsx";
import { IdLink } from "../../ui/copyable-id.tsx";
import { FunctionLink } from "../../ui/function-link.tsx";
import type { PagedQuery } from "../../ui/paged-table.tsx";
import { PagedTable } from "../../ui/paged-table.tsx";
import type { Column } from "../../ui/table.tsx";
import { Elapsed, TimeAgo } from "../../ui/time.tsx";
import { CallProgress } from "./call-progress.tsx";

/** Which rows are picked, where rows can be. */
interface RowSelection {
  has: (id: string) => boolean;
  toggle: (id: string) => void;
}

function callColumn(selection: RowSelection | undefined): Column<CallView> {
  return {
    header: "Call",
    width: selection ? "11rem" : "9rem",
    cell: ({ id, parent }) => (
      <span className="inline-flex items-center gap-2">
        {selection && (
          <input
            type="checkbox"
            aria-label={`Select call ${shortId(id)}`}
            checked={selection.has(id)}
            onChange={() => selection.toggle(id)}
          />
        )}
        <IdLink id={id} noun="call" href={paths.call(id)}>
          {parent && (
            <Link
              href={paths.input(parent.callId, parent.index)}
              title={`made by input #${parent.index} of call ${shortId(parent.callId)}`}
              aria-label={`Made by input #${parent.index} of call ${shortId(parent.callId)}`}
              className="text-ink-faint hover:text-link"
            >
              <CornerDownRight aria-hidden className="size-3.5" />
            </Link>
          )}
        </IdLink>
      </span>
    ),
  };
}

const FUNCTION: Column<CallView> = {
  header: "Function",
  wide: true,
  cell: ({ appName, functionName, method }) => <FunctionLink app={appName} name={functionName} method={method} />,
};

const METHOD: Column<CallView> = {
  header: "Method",
  wide: true,
  cell: ({ method }) => method ?? <span className="text-ink-faint">{NOTHING}</span>,
};

const REST: readonly Column<CallView>[] = [
  { header: "Kind", width: "7rem", cell: ({ kind }) => <span className="font-mono text-[0.8125rem]">{kind}</span> },
  { header: "State", width: "8rem", cell: (call) => <CallBadge call={call} /> },
  { header: "Inputs ended", wide: true, align: "right", width: "13rem", cell: (call) => <CallProgress call={call} /> },
  { header: "Made", align: "right", width: "7rem", cell: ({ createdAtMs }) => <TimeAgo atMs={createdAtMs} /> },
  {
    header: "Took",
    align: "right",
    width: "7rem",
    cell: ({ createdAtMs, finishedAtMs }) => <Elapsed fromMs={createdAtMs} toMs={finishedAtMs} />,
  },
];

export function CallsTable({
  query,
  of,
  selection,
  empty,
}: {
  query: PagedQuery<CallView>;
  /** The function whose calls these are; left out where they are of several. */
  of?: FunctionView | undefined;
  selection?: RowSelection;
  empty: ReactNode;
}) {
  const call = callColumn(selection);
  return (
    <PagedTable
      query={query}
      caption="Calls, newest first"
      noun="calls"
      columns={[call, ...calledColumns(of), ...REST]}
      rowKey={({ id }) => id}
      empty={empty}
    />
  );
}

/** What was called; nothing where all rows have the same. */
function calledColumns(of: FunctionView | undefined): readonly Column<CallView>[] {
  if (of === undefined) return [FUNCTION];
  return of.settings.kind === "class" ? [METHOD] : [];
}
