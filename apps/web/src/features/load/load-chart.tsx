"use client";
/**
 * The load of a function over time and what its autoscaler made of it: inputs that came, inputs that waited and ran, its
 * containers, and the decisions on the same line of time. Three scales, so three charts, with one cursor.
 */
import { useState } from "react";
import { formatCount, formatExact, formatRate } from "../../lib/format.ts";
import type { ChartColor, ChartLine } from "../../ui/time-chart.tsx";
import { TimeChart } from "../../ui/time-chart.tsx";
import { DecisionMarks } from "./decision-marks-row.tsx";
import { loadSeries } from "./load-series.ts";
import type { RecentLoad } from "./use-load.ts";

const SYNC = "load";

/** Class names spelled out, because Tailwind finds only what stands in the source. */
const SWATCHES: Partial<Record<ChartColor, string>> = {
  "ink-faint": "bg-ink-faint/60",
  wait: "bg-wait",
  info: "bg-info",
  good: "bg-good",
};

export function LoadChart({ recent: { load, range, decisions } }: { recent: RecentLoad }) {
  const [pointed, setPointed] = useState<number | null>(null);
  const series = loadSeries(load, range);
  const at = pointed ?? series.timesMs.length - 1;
  const arrived: ChartLine = { label: "Arrivals", color: "ink-faint", shape: "bars", values: series.arrivedPerSecond };
  const queued: ChartLine = { label: "Queued", color: "wait", shape: "line", values: series.queued };
  const running: ChartLine = { label: "Running", color: "info", shape: "area", values: series.running };
  const containers: ChartLine = { label: "Containers", color: "good", shape: "step", values: series.containers };
  const common = { timesMs: series.timesMs, ...range, syncKey: SYNC, onPoint: setPointed };
  const atMs = series.timesMs[at];
  return (
    <div className="flex flex-col gap-1 px-3 pt-3 pb-2">
      <ChartTitle title="Arrivals" note="inputs a second">
        <span className="text-ink-faint tabular-nums">
          {atMs === undefined ? "" : pointed === null ? "now" : formatExact(atMs)}
        </span>
        <Reading color={arrived.color} label="arrived" value={formatRate(series.arrivedPerSecond[at])} />
      </ChartTitle>
      <TimeChart label="Inputs that arrived, a second" lines={[arrived]} height={84} {...common} />
      <ChartTitle title="Inputs" note="highest of each step">
        <Reading color={queued.color} label="queued" value={formatCount(series.queued[at])} />
        <Reading color={running.color} label="running" value={formatCount(series.running[at])} />
      </ChartTitle>
      <TimeChart label="Inputs that waited and ran" lines={[running, queued]} height={132} whole {...common} />
      <ChartTitle title="Containers" note="and the decisions about them">
        <Reading color={containers.color} label="up" value={formatCount(series.containers[at])} />
      </ChartTitle>
      <div className="relative">
        <TimeChart label="Containers" lines={[containers]} height={112} timeAxis whole {...common} />
        <DecisionMarks decisions={decisions} range={range} />
      </div>
    </div>
  );
}

function ChartTitle({ title, note, children }: { title: string; note: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-xs">
      <span>
        <span className="font-medium">{title}</span> <span className="text-ink-faint">{note}</span>
      </span>
      <span className="flex gap-x-4">{children}</span>
    </div>
  );
}

function Reading({ color, label, value }: { color: ChartColor; label: string; value: string }) {
  return (
    <span className="inline-flex items-baseline gap-1.5 whitespace-nowrap">
      <span aria-hidden className={`size-2 self-center rounded-sm ${SWATCHES[color] ?? ""}`} />
      <span className="text-ink-soft">{label}</span>
      <span className="min-w-10 text-right font-medium tabular-nums">{value}</span>
    </span>
  );
}
