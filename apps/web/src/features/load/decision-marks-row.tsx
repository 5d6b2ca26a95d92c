"use client";
/** The decisions along a chart of containers. Pointing at a mark says why; a click keeps it said. */
import type { DecisionView } from "@bellows/protocol/views";
import clsx from "clsx";
import { useState } from "react";
import { formatExact, plural } from "../../lib/format.ts";
import { TIME_CHART_INSET } from "../../ui/time-chart.tsx";
import type { DecisionMark } from "./decision-marks.ts";
import { decisionMarks } from "./decision-marks.ts";
import type { TimeRange } from "./load-series.ts";

export function DecisionMarks({ decisions, range }: { decisions: readonly DecisionView[]; range: TimeRange }) {
  const [pointed, setPointed] = useState<string | null>(null);
  const [kept, setKept] = useState<string | null>(null);
  const marks = decisionMarks(decisions, range);
  const shown = marks.find(({ decision }) => decision.id === (pointed ?? kept));
  return (
    <div
      className="pointer-events-none absolute inset-y-0"
      style={{ left: TIME_CHART_INSET.left, right: TIME_CHART_INSET.right }}
    >
      <ul aria-label="Decisions on the chart" className="contents">
        {marks.map((mark) => {
          const { id } = mark.decision;
          return (
            <li key={id} className="contents">
              <button
                type="button"
                aria-label={markText(mark)}
                aria-pressed={kept === id}
                onClick={() => setKept(kept === id ? null : id)}
                onMouseEnter={() => setPointed(id)}
                onMouseLeave={() => setPointed(null)}
                onFocus={() => setPointed(id)}
                onBlur={() => setPointed(null)}
                className="group -translate-x-1/2 pointer-events-auto absolute top-0 flex h-[calc(100%-24px)] w-3 flex-col items-center"
                style={{ left: `${mark.at * 100}%` }}
              >
                <span
                  className={clsx(
                    "text-[9px] leading-3 group-hover:text-ink",
                    shown === mark ? "text-ink" : mark.decision.cappedBy ? "text-bad" : "text-ink-faint",
                  )}
                >
                  {isUp(mark.decision) ? "▲" : "▼"}
                </span>
                <span
                  className={clsx(
                    "w-px grow group-hover:bg-ink",
                    shown === mark ? "bg-ink" : mark.decision.cappedBy ? "bg-bad/40" : "bg-line-strong",
                  )}
                />
              </button>
            </li>
          );
        })}
      </ul>
      {shown && <MarkNote mark={shown} />}
    </div>
  );
}

function MarkNote({ mark: { decision, more, at } }: { mark: DecisionMark }) {
  return (
    <div
      role="status"
      className={clsx(
        "absolute top-4 z-10 w-max max-w-[min(26rem,100%)] rounded-md border border-line bg-surface px-3 py-2 text-xs shadow-lg",
        at < 0.5 ? "ml-3" : "-translate-x-full -ml-3",
      )}
      style={{ left: `${at * 100}%` }}
    >
      <p className="text-ink-faint tabular-nums">{formatExact(decision.atMs)}</p>
      <p className="[overflow-wrap:anywhere]">{decision.reason}</p>
      {more > 0 && <p className="text-ink-faint">and {plural(more, "decision")} just before</p>}
    </div>
  );
}

function isUp({ desired, current }: DecisionView): boolean {
  return desired >= current;
}

function markText({ decision: { atMs, reason }, more }: DecisionMark): string {
  return `${formatExact(atMs)}: ${reason}${more > 0 ? `, and ${plural(more, "decision")} just before` : ""}`;
}
