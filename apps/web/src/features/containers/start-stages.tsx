/**
 * How long a container took to start, and where the time went. In grey: colours are states, and a coloured bar beside
 * live numbers is read as load.
 */
import type { ContainerView } from "@bellows/protocol/views";
import { formatDurationMs, NOTHING } from "../../lib/format.ts";
import { PartsBar } from "../../ui/progress-bar.tsx";
import type { Stage } from "./stages.ts";
import { stagesOf, totalStartMs } from "./stages.ts";

/** From light to full: stages are an order. */
const FILLS: Record<Stage["key"], string> = {
  createMs: "bg-ink-faint/20",
  bootMs: "bg-ink-faint/40",
  fetchMs: "bg-ink-faint/60",
  importMs: "bg-ink-faint/80",
  enterMs: "bg-ink-faint",
};

/** In a list: the sum, with the stages on hover. */
export function StartTime({ container: { timings } }: { container: ContainerView }) {
  if (!timings) return <span className="text-ink-faint">{NOTHING}</span>;
  const stages = stagesOf(timings);
  return (
    <span title={stagesText(stages)} className="whitespace-nowrap">
      {formatDurationMs(totalStartMs(timings))}
    </span>
  );
}

export function StartStages({ timings }: { timings: NonNullable<ContainerView["timings"]> }) {
  const stages = stagesOf(timings);
  const total = totalStartMs(timings);
  return (
    <div className="flex flex-col gap-3">
      <StagesBar stages={stages} total={total} />
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

function StagesBar({ stages, total }: { stages: readonly Stage[]; total: number }) {
  return (
    <PartsBar
      label={`Started in ${formatDurationMs(total)}: ${stagesText(stages)}`}
      total={total}
      shape="tall"
      parts={stages.map(({ key, label, ms }) => ({
        key,
        size: ms,
        fill: FILLS[key],
        title: `${label} ${formatDurationMs(ms)}`,
      }))}
    />
  );
}

function stagesText(stages: readonly Stage[]): string {
  return stages.map(({ label, ms }) => `${label.toLowerCase()} ${formatDurationMs(ms)}`).join(", ");
}
