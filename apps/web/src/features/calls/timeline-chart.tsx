"use client";
import type { InputDetailView } from "@bellows/protocol/call-views";
import type { AttemptOutcome, InputState } from "@bellows/protocol/states";
import { useNowMs } from "../../lib/clock.ts";
import { formatDurationMs, formatExact } from "../../lib/format.ts";
import { ATTEMPT_LOOKS, INPUT_LOOKS } from "../../lib/status.tsx";
import { TONE_FILL } from "../../ui/tones.ts";
import type { Stretch } from "./timeline.ts";
import { timelineOf } from "./timeline.ts";

/** Queued, started, finished on one scale, a row for each stretch. */
export function TimelineChart({ input }: { input: InputDetailView }) {
  const nowMs = useNowMs();
  const stretches = timelineOf(input, nowMs);
  const startMs = input.queuedAtMs;
  const endMs = Math.max(startMs + 1, ...stretches.map(({ toMs }) => toMs));
  return (
    <ol className="flex flex-col gap-1.5">
      {stretches.map((stretch) => (
        <Row key={stretch.key} stretch={stretch} startMs={startMs} spanMs={endMs - startMs} />
      ))}
    </ol>
  );
}

function Row({ stretch, startMs, spanMs }: { stretch: Stretch; startMs: number; spanMs: number }) {
  const { fromMs, toMs, label, open, kind } = stretch;
  const left = ((fromMs - startMs) / spanMs) * 100;
  const width = ((toMs - fromMs) / spanMs) * 100;
  const { fill, word } = lookOf(kind);
  return (
    <li
      className="grid grid-cols-[5.5rem_minmax(0,1fr)_5rem] items-center gap-3 tabular-nums"
      title={`${word}: ${formatExact(fromMs)} to ${open ? "now" : formatExact(toMs)}`}
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

const WAITING = { fill: "bg-line-strong", word: "Waiting" };

function lookOf(kind: Stretch["kind"]): { fill: string; word: string } {
  if (kind === "waiting") return WAITING;
  const { tone, label } = isOutcome(kind) ? ATTEMPT_LOOKS[kind] : INPUT_LOOKS[kind];
  return { fill: TONE_FILL[tone], word: label };
}

/** "failed" is both, and looks the same as both. */
function isOutcome(kind: AttemptOutcome | InputState): kind is AttemptOutcome {
  return kind in ATTEMPT_LOOKS;
}
