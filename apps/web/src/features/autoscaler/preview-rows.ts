/** The numbers of a preview as rows to compare: today, edited, and how far apart they are. In all of them less is better. Pure. */
import type { PreviewRun, PreviewView } from "@bellows/protocol/load-views";
import { formatCount, formatDurationMs } from "../../lib/format.ts";

export interface PreviewRow {
  label: string;
  today: string;
  edited: string;
  /** Null when they are the same to the reader. */
  difference: { text: string; better: boolean } | null;
}

interface Measure {
  label: string;
  of: (run: PreviewRun) => number;
  text: (value: number) => string;
  /** Left out when it is zero under both. */
  optional?: true;
}

const MEASURES: readonly Measure[] = [
  { label: "Wait, p50", of: ({ waitMs }) => waitMs.p50, text: formatDurationMs },
  { label: "Wait, p95", of: ({ waitMs }) => waitMs.p95, text: formatDurationMs },
  { label: "Wait, p99", of: ({ waitMs }) => waitMs.p99, text: formatDurationMs },
  { label: "Cold starts", of: ({ coldStarts }) => coldStarts, text: formatCount },
  { label: "Container-hours", of: ({ containerHours }) => containerHours, text: hours },
  { label: "GPU-hours", of: ({ gpuHours }) => gpuHours, text: hours, optional: true },
  { label: "Not done in this time", of: ({ unfinished }) => unfinished, text: formatCount, optional: true },
];

export function previewRows({ today, edited }: Pick<PreviewView, "today" | "edited">): PreviewRow[] {
  return MEASURES.flatMap(({ label, of, text, optional }) => {
    const [before, after] = [of(today), of(edited)];
    if (optional && before === 0 && after === 0) return [];
    return [{ label, today: text(before), edited: text(after), difference: differenceOf(before, after, text) }];
  });
}

function differenceOf(before: number, after: number, text: (value: number) => string): PreviewRow["difference"] {
  if (text(before) === text(after)) return null;
  const more = after > before;
  const share = before > 0 ? `, ${Math.round((Math.abs(after - before) / before) * 100)}\u00a0%` : "";
  return { text: `${more ? "+" : "−"}${text(Math.abs(after - before))}${share}`, better: !more };
}

/** `0`, `0.04`, `12.5`, `1,240`. */
function hours(value: number): string {
  if (value >= 99.95) return formatCount(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
