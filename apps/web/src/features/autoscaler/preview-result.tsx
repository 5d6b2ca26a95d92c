"use client";
/** A preview in numbers and curves: today beside edited, for the same inputs. */
import type { PreviewView } from "@bellows/protocol/load-views";
import clsx from "clsx";
import { axisElapsed } from "../../lib/axis-text.ts";
import { formatDurationMs, plural } from "../../lib/format.ts";
import type { ChartLine } from "../../ui/time-chart.tsx";
import { TimeChart } from "../../ui/time-chart.tsx";
import { previewRows } from "./preview-rows.ts";
import { SETTING_TEXTS, SETTINGS, settingText } from "./setting-texts.ts";

export function PreviewResult({ view, stale, ofTrace }: { view: PreviewView; stale: boolean; ofTrace: boolean }) {
  const edited = editedText(view);
  return (
    <div>
      <p className="px-4 pt-3 text-ink-soft">
        <span className="font-medium text-ink">{plural(view.arrivals, "input")}</span>
        {edited === "" ? ". Nothing is edited: both are today's settings." : `, with ${edited}`}
        {stale && <span className="ml-2 text-wait">Changed since; preview again.</span>}
      </p>
      <div className="grid gap-x-6 lg:grid-cols-[minmax(0,27rem)_minmax(0,1fr)] lg:items-start">
        <Numbers view={view} />
        <Curves view={view} ofTrace={ofTrace} />
      </div>
      <p className="px-4 pt-1 pb-3 text-ink-faint text-xs tabular-nums">
        Runs of {formatDurationMs(view.model.runMs.p50)} (p50) to {formatDurationMs(view.model.runMs.p99)} (p99), starts
        of {formatDurationMs(view.model.startMs)}: {view.model.source}. Answered in {formatDurationMs(view.tookMs)}.
      </p>
    </div>
  );
}

function editedText({ today, edited }: PreviewView): string {
  return SETTINGS.filter((setting) => today.settings[setting] !== edited.settings[setting])
    .map((setting) => {
      const [from, to] = [today.settings[setting], edited.settings[setting]];
      return `${SETTING_TEXTS[setting].option} ${settingText(setting, from)} → ${settingText(setting, to)}`;
    })
    .join(", ");
}

function Numbers({ view }: { view: PreviewView }) {
  return (
    <table className="w-full text-left tabular-nums">
      <caption className="sr-only">Today beside edited</caption>
      <thead>
        <tr className="text-ink-faint text-xs [&>th]:px-2 [&>th]:pt-3 [&>th]:pb-1 [&>th]:font-medium sm:[&>th]:px-4">
          <td />
          <th scope="col" className="text-right">
            Today
          </th>
          <th scope="col" className="text-right">
            Edited
          </th>
          <th scope="col" className="text-right">
            Difference
          </th>
        </tr>
      </thead>
      <tbody>
        {previewRows(view).map(({ label, today, edited, difference }) => (
          <tr key={label} className="border-line border-t [&>*]:px-2 [&>*]:py-1.5 sm:[&>*]:px-4">
            <th scope="row" className="font-normal text-ink-soft">
              {label}
            </th>
            <td className="whitespace-nowrap text-right">{today}</td>
            <td className="whitespace-nowrap text-right font-medium">{edited}</td>
            <td
              className={clsx(
                "text-right text-xs",
                difference === null ? "text-ink-faint" : difference.better ? "text-good" : "text-bad",
              )}
            >
              {difference?.text ?? "same"}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Curves({ view: { today, edited, fromMs }, ofTrace }: { view: PreviewView; ofTrace: boolean }) {
  const timesMs = today.timeline.map(({ atMs }) => atMs);
  const stepMs = (timesMs[1] ?? 1) - (timesMs[0] ?? 0);
  const toMs = (timesMs.at(-1) ?? fromMs) + stepMs;
  const common = {
    timesMs,
    fromMs,
    toMs,
    syncKey: "preview",
    ...(ofTrace ? { timeText: axisElapsed } : {}),
  };
  const arrivals: ChartLine = {
    label: "Arrivals",
    color: "ink-faint",
    shape: "bars",
    values: today.timeline.map(({ arrived }) => (arrived * 1_000) / stepMs),
  };
  const containers: ChartLine[] = [
    { label: "Today", color: "ink-soft", shape: "step", values: today.timeline.map((point) => point.containers) },
    { label: "Edited", color: "info", shape: "step", values: edited.timeline.map((point) => point.containers) },
  ];
  return (
    <div className="min-w-0 px-4 pt-3 lg:pl-0">
      <p className="flex flex-wrap gap-x-4 text-xs">
        <span className="font-medium">Arrivals</span> <span className="text-ink-faint">inputs a second</span>
      </p>
      <TimeChart label="Inputs that arrived, a second" lines={[arrivals]} height={76} {...common} />
      <p className="flex flex-wrap items-center gap-x-4 text-xs">
        <span className="mr-auto font-medium">Containers</span>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden className="size-2 rounded-sm bg-ink-soft" /> today
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden className="size-2 rounded-sm bg-info" /> edited
        </span>
      </p>
      <TimeChart label="Containers, today and edited" lines={containers} height={136} timeAxis whole {...common} />
    </div>
  );
}
