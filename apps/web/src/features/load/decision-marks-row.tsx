"use client";
/** The decisions along a chart of containers. Pointing at a mark says why; a click keeps it said. */
import type { DecisionView } from "@bellows/protocol/views";
import clsx from "clsx";
import { useEffect, useRef, useState } from "react";
import { formatExact, plural } from "../../lib/format.ts";
import { TIME_CHART_INSET } from "../../ui/time-chart.tsx";
import type { DecisionNote } from "./decision-marks.ts";
import { decisionMarks, MARK_WIDTH, markShape, noteOf, withKept } from "./decision-marks.ts";
import type { TimeRange } from "./load-series.ts";

export function DecisionMarks({ decisions, range }: { decisions: readonly DecisionView[]; range: TimeRange }) {
  const [pointed, setPointed] = useState<DecisionView | null>(null);
  const [kept, setKept] = useState<DecisionView | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!box.current) return;
    const size = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    size.observe(box.current);
    return () => size.disconnect();
  }, []);
  const marks = width > 0 ? decisionMarks(withKept(decisions, kept), range, width) : [];
  const said = pointed ?? kept;
  const note = said === null ? undefined : noteOf(marks, said);
  return (
    <div
      ref={box}
      className="pointer-events-none absolute inset-y-0"
      style={{ left: TIME_CHART_INSET.left, right: TIME_CHART_INSET.right }}
    >
      <ul aria-label="Decisions on the chart" className="contents">
        {marks.map((mark) => {
          const [newest, ...others] = mark.decisions;
          const isKept = kept !== null && noteOf([mark], kept) !== undefined;
          return (
            <li key={newest.id} className="contents">
              <button
                type="button"
                aria-label={noteText({ decision: newest, before: others.length, at: mark.at })}
                aria-pressed={isKept}
                onClick={() => setKept(isKept ? null : newest)}
                onMouseEnter={() => setPointed(newest)}
                onMouseLeave={() => setPointed(null)}
                onFocus={() => setPointed(newest)}
                onBlur={() => setPointed(null)}
                className="group -translate-x-1/2 pointer-events-auto absolute top-0 flex h-[calc(100%-24px)] flex-col items-center"
                style={{ left: `${mark.at * 100}%`, width: MARK_WIDTH }}
              >
                <MarkLine decision={newest} shown={note?.at === mark.at} />
              </button>
            </li>
          );
        })}
      </ul>
      {note && <MarkNote note={note} />}
    </div>
  );
}

function MarkLine({ decision, shown }: { decision: DecisionView; shown: boolean }) {
  const isCapped = decision.cappedBy !== null;
  return (
    <>
      <svg
        aria-hidden
        viewBox="0 0 10 10"
        className={clsx(
          "size-2.5 shrink-0 fill-current group-hover:text-ink",
          shown ? "text-ink" : isCapped ? "text-bad" : "text-ink-faint",
        )}
      >
        <path d={markShape(decision)} />
      </svg>
      <span
        className={clsx("w-px grow group-hover:bg-ink", shown ? "bg-ink" : isCapped ? "bg-bad/40" : "bg-line-strong")}
      />
    </>
  );
}

function MarkNote({ note: { decision, before, at } }: { note: DecisionNote }) {
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
      {before > 0 && <p className="text-ink-faint">and {plural(before, "decision")} just before</p>}
    </div>
  );
}

function noteText({ decision: { atMs, reason }, before }: DecisionNote): string {
  return `${formatExact(atMs)}: ${reason}${before > 0 ? `, and ${plural(before, "decision")} just before` : ""}`;
}
