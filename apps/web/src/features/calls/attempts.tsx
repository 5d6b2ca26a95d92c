/** Every attempt of an input: when it was queued, started and finished, where it ran, and how it ended. */
import type { InputDetailView } from "@bellows/protocol/call-views";
import type { InputState } from "@bellows/protocol/states";
import { formatClock, formatExact, NOTHING } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { AttemptBadge, InputBadge } from "../../lib/status.tsx";
import { IdLink } from "../../ui/copyable-id.tsx";
import { ErrorReport } from "../../ui/error-panel.tsx";
import type { Column } from "../../ui/table.tsx";
import { Table } from "../../ui/table.tsx";
import { Elapsed } from "../../ui/time.tsx";
import type { AttemptSpan } from "./timeline.ts";
import { attemptsOf } from "./timeline.ts";

export function Attempts({ input }: { input: InputDetailView }) {
  return (
    <Table
      caption="Attempts"
      columns={columns(input.state)}
      rows={attemptsOf(input)}
      rowKey={({ attempt }) => String(attempt)}
    />
  );
}

function columns(state: InputState): readonly Column<AttemptSpan>[] {
  return [
    {
      header: "Attempt",
      width: "7rem",
      cell: ({ attempt }) => <span className="whitespace-nowrap">Attempt {attempt}</span>,
    },
    {
      header: "Ended as",
      wide: true,
      width: "8rem",
      cell: ({ outcome }) => (outcome === null ? <InputBadge state={state} /> : <AttemptBadge outcome={outcome} />),
    },
    {
      header: "Queued",
      align: "right",
      wide: true,
      width: "8rem",
      cell: ({ queuedAtMs }) => <Clock atMs={queuedAtMs} />,
    },
    {
      header: "Started",
      align: "right",
      wide: true,
      width: "8rem",
      cell: ({ startedAtMs }) => <Clock atMs={startedAtMs} />,
    },
    {
      header: "Finished",
      align: "right",
      wide: true,
      width: "8rem",
      cell: ({ finishedAtMs }) => <Clock atMs={finishedAtMs} />,
    },
    {
      header: "Ran",
      align: "right",
      width: "6rem",
      cell: ({ startedAtMs, finishedAtMs }) => <Elapsed fromMs={startedAtMs} toMs={finishedAtMs} />,
    },
    {
      header: "Container",
      wide: true,
      width: "8rem",
      cell: ({ containerId }) =>
        containerId === null ? (
          <span className="text-ink-faint">{NOTHING}</span>
        ) : (
          <IdLink id={containerId} noun="container" href={paths.container(containerId)} />
        ),
    },
    {
      header: "Error",
      wide: true,
      // The error of the attempt that counts is that of the input, and is shown in full below.
      cell: ({ error, outcome }) =>
        error === null ? (
          <span className="text-ink-faint">{NOTHING}</span>
        ) : outcome === null ? (
          <span className="line-clamp-2 [overflow-wrap:anywhere]">{error.message}</span>
        ) : (
          <details className="text-left">
            <summary className="link-quiet line-clamp-2 [overflow-wrap:anywhere]">{error.message}</summary>
            <div className="mt-2">
              <ErrorReport error={error} advice={false} />
            </div>
          </details>
        ),
    },
  ];
}

function Clock({ atMs }: { atMs: number | null }) {
  if (atMs === null) return <span className="text-ink-faint">{NOTHING}</span>;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatExact(atMs)} className="whitespace-nowrap">
      {formatClock(atMs)}
    </time>
  );
}
