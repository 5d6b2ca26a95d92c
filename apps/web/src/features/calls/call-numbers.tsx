"use client";
/** How far a call is, how its inputs ended, how fast it goes and how long it will take. */
import type { CallView } from "@bellows/protocol/call-views";
import { isLiveCall } from "../../lib/actions.ts";
import { formatCount, formatDurationMs, formatRate, NOTHING } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import type { Stat } from "../../ui/stat-strip.tsx";
import { StatStrip } from "../../ui/stat-strip.tsx";
import { Elapsed } from "../../ui/time.tsx";
import { ProgressBar } from "./call-progress.tsx";
import { progressOf, remainingMs } from "./progress.ts";
import { useRate } from "./use-rate.ts";

export function CallNumbers({ call, answeredAtMs }: { call: CallView; answeredAtMs: number }) {
  const { done, total, open } = progressOf(call);
  const { succeeded, failed, cancelled } = call.counts;
  return (
    <div className="flex flex-col gap-3">
      <ProgressBar call={call} />
      <StatStrip
        label="Progress"
        stats={[
          {
            label: "Ended",
            value: formatCount(done),
            note: `of ${formatCount(total)}${open ? " so far" : ""}${percent(done, total, open)}`,
            href: paths.call(call.id),
          },
          {
            label: "Succeeded",
            value: formatCount(succeeded),
            href: paths.call(call.id, { state: "succeeded" }),
            tone: succeeded > 0 ? "good" : undefined,
          },
          {
            label: "Failed",
            value: formatCount(failed),
            href: paths.call(call.id, { state: "failed" }),
            tone: failed > 0 ? "bad" : undefined,
          },
          { label: "Cancelled", value: formatCount(cancelled), href: paths.call(call.id, { state: "cancelled" }) },
          ...usePace(call, answeredAtMs),
          {
            label: call.finishedAtMs === null ? "Running for" : "Took",
            value: <Elapsed fromMs={call.createdAtMs} toMs={call.finishedAtMs} />,
          },
        ]}
      />
    </div>
  );
}

/** The rate now and what it leads to; of a call that has ended, what its rate was on the whole. */
function usePace(call: CallView, answeredAtMs: number): Stat[] {
  const rate = useRate(call, answeredAtMs);
  const progress = progressOf(call);
  if (!isLiveCall(call.state)) {
    const tookMs = call.finishedAtMs === null ? 0 : call.finishedAtMs - call.createdAtMs;
    const ran = call.counts.succeeded + call.counts.failed;
    if (tookMs <= 0 || progress.total <= 1) return [];
    return [
      {
        label: "Rate",
        value: formatRate((ran * 1_000) / tookMs),
        note: call.counts.cancelled > 0 ? "without those cancelled" : "on the whole",
      },
    ];
  }
  if (!progress.open && progress.total === 1) return [];
  const remaining = remainingMs(progress, rate);
  return [
    { label: "Rate", value: formatRate(rate), note: "inputs that end" },
    {
      label: "Remaining",
      value: remaining === null ? NOTHING : formatDurationMs(Math.ceil(remaining / 1_000) * 1_000),
      note: remaining === null ? whyUnknown(progress.open, rate) : "at this rate",
    },
  ];
}

function whyUnknown(open: boolean, rate: number | null): string {
  if (open) return "more inputs may come";
  return rate === null ? "measuring" : "nothing ends now";
}

function percent(done: number, total: number, open: boolean): string {
  if (open || total <= 1) return "";
  // Rounded down: 100 % is said when all have ended and not before.
  return ` · ${Math.floor((done / total) * 100)} %`;
}
