/** How long a container took to start, and where the time went. */
import type { ContainerView } from "@bellows/protocol/views";
import { formatDurationMs, NOTHING } from "../../lib/format.ts";
import type { BarShape } from "../../ui/progress-bar.tsx";
import { PartsBar } from "../../ui/progress-bar.tsx";
import type { Stage } from "./stages.ts";
import { stagesOf, totalStartMs } from "./stages.ts";

/** One hue from light to full: stages are an order, not states. */
const FILLS: Record<Stage["key"], string> = {
  createMs: "bg-info/25",
  bootMs: "bg-info/40",
  fetchMs: "bg-info/55",
  importMs: "bg-info/75",
  enterMs: "bg-info",
};

export function StartStagesBar({ container: { timings } }: { container: ContainerView }) {
  if (!timings) return <span className="text-ink-faint">{NOTHING}</span>;
  const total = totalStartMs(timings);
  return (
    <span className="flex items-center justify-between gap-2.5">
      <StagesBar stages={stagesOf(timings)} total={total} shape="cell" />
      <span className="whitespace-nowrap">{formatDurationMs(total)}</span>
    </span>
  );
}

export function StartStages({ timings }: { timings: NonNullable<ContainerView["timings"]> }) {
  const stages = stagesOf(timings);
  const total = totalStartMs(timings);
  return (
    <div className="flex flex-col gap-3">
      <StagesBar stages={stages} total={total} shape="tall" />
      <ul className="grid grid-cols-[repeat(auto-fit,minmax(8rem,1fr))] gap-3">
        {stages.map(({ key, label, ms, meaning }) => (
          <li key={key} className="flex gap-2">
            <span aria-hidden className={`mt-1 size-2.5 shrink-0 rounded-sm ${FILLS[key]}`} />
            <span>
              <span className="text-ink-soft">{label}</span>{" "}
              <span className="font-medium tabular-nums">{formatDurationMs(ms)}</span>
              <span className="block text-ink-faint text-xs">{meaning}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function StagesBar({ stages, total, shape }: { stages: readonly Stage[]; total: number; shape: BarShape }) {
  return (
    <PartsBar
      label={`Started in ${formatDurationMs(total)}: ${stages.map(({ label, ms }) => `${label.toLowerCase()} ${formatDurationMs(ms)}`).join(", ")}`}
      total={total}
      shape={shape}
      parts={stages.map(({ key, label, ms }) => ({
        key,
        size: ms,
        fill: FILLS[key],
        title: `${label} ${formatDurationMs(ms)}`,
      }))}
    />
  );
}
