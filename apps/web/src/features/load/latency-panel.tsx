"use client";
/** Where the time of inputs went: into the queue, the start of a container, or their own execution. */
import type { LoadView, Quantiles } from "@bellows/protocol/load-views";
import clsx from "clsx";
import { useState } from "react";
import { axisDuration } from "../../lib/axis-text.ts";
import { formatCount, formatDurationMs } from "../../lib/format.ts";
import { Choice } from "../../ui/choice.tsx";
import { Section } from "../../ui/section.tsx";
import type { ChartLine } from "../../ui/time-chart.tsx";
import { TimeChart } from "../../ui/time-chart.tsx";
import { loadSeries } from "./load-series.ts";
import type { RecentLoad } from "./use-load.ts";

const QUANTILES = ["p50", "p90", "p99"] as const satisfies (keyof Quantiles)[];

const STAGES = [
  {
    key: "waitMs",
    count: "waited",
    label: "Queue",
    meaning: "while a container was up",
    color: "wait",
    fill: "bg-wait",
  },
  {
    key: "startMs",
    count: "started",
    label: "Cold start",
    meaning: "until its container was ready",
    color: "ember",
    fill: "bg-ember",
  },
  { key: "runMs", count: "ran", label: "Execution", meaning: "of an attempt", color: "info", fill: "bg-info" },
] as const satisfies {
  key: keyof LoadView["total"];
  count: keyof LoadView["total"];
  label: string;
  meaning: string;
  color: ChartLine["color"];
  fill: string;
}[];

export function LatencyPanel({
  recent: { load, range },
  wide,
}: {
  recent: RecentLoad;
  /** Numbers and lines side by side. */
  wide: boolean;
}) {
  const [quantile, setQuantile] = useState<(typeof QUANTILES)[number]>("p90");
  const { timesMs, points } = loadSeries(load, range);
  const { total } = load;
  return (
    <Section
      title="Latency"
      actions={<Choice label="Line of the chart" options={QUANTILES} value={quantile} onChange={setQuantile} />}
    >
      <div className={clsx("grid items-center", wide && "lg:grid-cols-2")}>
        <table className="w-full text-left tabular-nums">
          <caption className="sr-only">Latency by where it was spent</caption>
          <thead>
            <tr className="text-ink-faint text-xs [&>th]:px-3 [&>th]:pt-2 [&>th]:font-medium">
              <th scope="col">Time in</th>
              {QUANTILES.map((name) => (
                <th key={name} scope="col" className="text-right">
                  {name}
                </th>
              ))}
              <th scope="col" className="hidden text-right sm:table-cell">
                Inputs
              </th>
            </tr>
          </thead>
          <tbody>
            {STAGES.map(({ key, count, label, meaning, fill }) => (
              <tr key={key} className="[&>*]:px-3 [&>*]:py-1.5">
                <th scope="row" className="font-normal">
                  <span className="inline-flex items-center gap-2">
                    <span aria-hidden className={`size-2 rounded-sm ${fill}`} />
                    {label}
                  </span>
                  <span className="ml-2 hidden text-ink-faint text-xs lg:inline">{meaning}</span>
                </th>
                {QUANTILES.map((name) => (
                  <td key={name} className="whitespace-nowrap text-right">
                    {formatDurationMs(total[key][name])}
                  </td>
                ))}
                <td className="hidden text-right text-ink-soft sm:table-cell">{formatCount(total[count])}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <div className="min-w-0 px-3 pt-2 pb-2">
          <TimeChart
            label={`${quantile} of the time in the queue, in cold starts and in execution`}
            timesMs={timesMs}
            lines={STAGES.map(({ key, label, color }) => ({
              label,
              color,
              shape: "line",
              values: points.map((point) => point?.[key][quantile] ?? null),
            }))}
            {...range}
            height={128}
            timeAxis
            axisText={axisDuration}
          />
        </div>
      </div>
    </Section>
  );
}
