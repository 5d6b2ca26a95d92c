"use client";
/** Lines as they are written. It follows the end until the reader scrolls up, and follows again from the end. */
import type { LogLineView } from "@bellows/protocol/views";
import clsx from "clsx";
import Link from "next/link";
import { useEffect, useLayoutEffect, useRef } from "react";
import { formatClock, formatExact } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Panel } from "../../ui/section.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import type { LogLines } from "./log-lines.ts";
import type { LogFilter } from "./use-logs.ts";
import { useLogs } from "./use-logs.ts";

interface Columns {
  showFunction: boolean;
  showInput: boolean;
}

export function LogView({
  filter,
  live,
  showFunction = false,
  showInput = false,
  framed = true,
}: {
  filter: LogFilter;
  /** More lines may come. */
  live: boolean;
  showFunction?: boolean;
  showInput?: boolean;
  /** Draws its own frame; leave it out inside a section. */
  framed?: boolean;
}) {
  const { query, earlier } = useLogs(filter, live);
  const refetch = query.refetch;
  const wasLive = useRef(live);
  useEffect(() => {
    // The last lines are stored a moment after the end: read once more when it is over.
    if (wasLive.current && !live) void refetch();
    wasLive.current = live;
  }, [live, refetch]);
  const body = (
    <Loaded query={query} skeleton={<RowsSkeleton />}>
      {(log) =>
        log.lines.length === 0 ? (
          <EmptyState title={live ? "Nothing was logged yet" : "Nothing was logged"}>
            What the code writes to stdout and stderr is shown here, line by line.
          </EmptyState>
        ) : (
          <Lines
            log={log}
            columns={{ showFunction, showInput }}
            loadingEarlier={earlier.isPending}
            onEarlier={() => earlier.mutate()}
          />
        )
      }
    </Loaded>
  );
  return framed ? <Panel>{body}</Panel> : body;
}

/** This close to the end counts as being there. */
const END_SLACK_PX = 24;

function Lines({
  log,
  columns,
  loadingEarlier,
  onEarlier,
}: {
  log: LogLines;
  columns: Columns;
  loadingEarlier: boolean;
  onEarlier: () => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  /** Where the reader was, counted from the end, when earlier lines were asked for: they move everything down. */
  const placeFromEnd = useRef<number>(undefined);
  const firstId = log.lines[0]?.id;
  const lastId = log.lines.at(-1)?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new first line is what moves the rest
  useLayoutEffect(() => {
    if (placeFromEnd.current === undefined || !box.current) return;
    box.current.scrollTop = box.current.scrollHeight - placeFromEnd.current;
    placeFromEnd.current = undefined;
  }, [firstId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last line is what moves the end
  useLayoutEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lastId]);
  return (
    <div
      ref={box}
      role="log"
      aria-label="Log lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        following.current = scrollHeight - scrollTop - clientHeight < END_SLACK_PX;
      }}
      className="max-h-[32rem] overflow-auto py-2 font-mono text-xs leading-5"
    >
      {log.hasEarlier && (
        <div className="px-3 pb-2">
          <Button
            disabled={loadingEarlier}
            onClick={() => {
              if (box.current) placeFromEnd.current = box.current.scrollHeight - box.current.scrollTop;
              onEarlier();
            }}
          >
            {loadingEarlier ? "Loading…" : "Load earlier lines"}
          </Button>
        </div>
      )}
      {log.lines.map((line) => (
        <Line key={line.id} line={line} columns={columns} />
      ))}
    </div>
  );
}

const STREAMS: Record<LogLineView["stream"], string> = {
  stdout: "border-transparent",
  stderr: "border-wait",
  system: "border-transparent text-ink-faint italic",
};

function Line({ line, columns: { showFunction, showInput } }: { line: LogLineView; columns: Columns }) {
  return (
    <div
      className={clsx("flex flex-wrap gap-x-3 border-l-2 sm:flex-nowrap px-3 hover:bg-sunken", STREAMS[line.stream])}
      title={line.stream}
    >
      <time
        dateTime={new Date(line.atMs).toISOString()}
        title={formatExact(line.atMs)}
        className="shrink-0 text-ink-faint"
      >
        {formatClock(line.atMs)}
      </time>
      {showFunction && <span className="shrink-0 text-ink-soft">{line.functionName}</span>}
      {showInput && line.callId !== null && line.index !== null && (
        <Link href={paths.input(line.callId, line.index)} className="link-quiet shrink-0">
          #{line.index}
        </Link>
      )}
      <span className="min-w-0 max-sm:basis-full whitespace-pre-wrap break-words [overflow-wrap:anywhere]">
        {line.text}
      </span>
    </div>
  );
}
