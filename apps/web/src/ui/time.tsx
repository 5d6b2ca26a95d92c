"use client";
/** Times and durations: relative for reading, exact on hover. */
import { useNowMs } from "../lib/clock.ts";
import { formatAge, formatDurationMs, formatExact, formatRelative, NOTHING } from "../lib/format.ts";

export function TimeAgo({ atMs }: { atMs: number | null }) {
  const nowMs = useNowMs();
  if (atMs === null) return <span className="text-ink-faint">{NOTHING}</span>;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatExact(atMs)} className="whitespace-nowrap">
      {formatRelative(atMs, nowMs)}
    </time>
  );
}

/** The time between two moments; while the second has not come, the time since the first, counting. */
export function Elapsed({ fromMs, toMs }: { fromMs: number | null; toMs: number | null }) {
  const nowMs = useNowMs();
  if (fromMs === null) return <span className="text-ink-faint">{NOTHING}</span>;
  const title = toMs === null ? `since ${formatExact(fromMs)}` : `${formatExact(fromMs)} to ${formatExact(toMs)}`;
  return (
    <span title={title} className="whitespace-nowrap">
      {toMs === null ? formatAge(nowMs - fromMs) : formatDurationMs(toMs - fromMs)}
    </span>
  );
}
