"use client";
import type { InputDetailView } from "@bellows/protocol/views";
import { useNowMs } from "../../lib/clock.ts";
import { formatDurationMs, formatExact } from "../../lib/format.ts";
import { INPUT_LOOKS } from "../../lib/status.tsx";
import { TONE_FILL } from "../../ui/tones.ts";
import type { Stretch, StretchKind } from "./timeline.ts";
import { timelineOf } from "./timeline.ts";

/** Queued, started, finished on one scale, a row for each stretch. */
export function TimelineChart({ input }: { input: InputDetailView }) {
  const nowMs = useNowMs();
  const stretches = timelineOf(input, nowMs);
  const startMs = input.queuedAtMs;
  const endMs = Math.max(startMs + 1, ...stretches.map(({ toMs }) => toMs));
  const fills: Record<StretchKind, string> = {
    waiting: "bg-line-strong",
    failedAttempt: TONE_FILL[INPUT_LOOKS.failed.tone],
    running: TONE_FILL[INPUT_LOOKS.running.tone],
    lastAttempt: TONE_FILL[INPUT_LOOKS[input.state].tone],
  };
  return (
    <ol className="flex flex-col gap-1.5">
      {stretches.map((stretch) => (
        <Row
          key={stretch.key}
          stretch={stretch}
          fill={fills[stretch.kind]}
          startMs={startMs}
          spanMs={endMs - startMs}
        />
      ))}
    </ol>
  );
}

function Row({ stretch, fill, startMs, spanMs }: { stretch: Stretch; fill: string; startMs: number; spanMs: number }) {
  const { fromMs, toMs, label, open } = stretch;
  const left = ((fromMs - startMs) / spanMs) * 100;
  const width = ((toMs - fromMs) / spanMs) * 100;
  return (
    <li
      className="grid grid-cols-[5.5rem_minmax(0,1fr)_5rem] items-center gap-3 tabular-nums"
      title={`${formatExact(fromMs)} to ${open ? "now" : formatExact(toMs)}`}
    >
      <span className="truncate text-ink-soft">{label}</span>
      <span className="relative h-2.5 overflow-hidden rounded-sm bg-sunken">
        <span
          className={`absolute inset-y-0 min-w-0.5 rounded-sm ${fill}`}
          style={{ left: `min(${Math.max(0, left)}%, calc(100% - 2px))`, width: `${Math.max(0, width)}%` }}
        />
      </span>
      <span className="text-right">{formatDurationMs(toMs - fromMs)}</span>
    </li>
  );
}
