"use client";
/** When calls were made: the last so long, which moves with the present, or between two fixed times. */
import { useState } from "react";
import { CALL_SPAN_MS, CALL_SPANS } from "../../lib/filters.ts";
import type { CallFilter, CallSpan } from "../../lib/paths.ts";
import { DateTimeField } from "../../ui/date-time-field.tsx";
import { Select } from "../../ui/select.tsx";

const LABELS: Record<CallSpan, string> = {
  "15m": "Last 15 minutes",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
};

const CUSTOM = "custom";
type Choice = CallSpan | typeof CUSTOM;
const CHOICES: readonly { value: Choice; label: string }[] = [
  ...CALL_SPANS.map((span) => ({ value: span, label: LABELS[span] })),
  { value: CUSTOM, label: "Between…" },
];
/** What "between" begins with, so that the fields are not empty. */
const FIRST_SPAN: CallSpan = "1h";
const MINUTE_MS = 60_000;

export type TimeRangeFilter = Pick<CallFilter, "since" | "fromMs" | "toMs">;

export function TimeRange({
  value: { since, fromMs, toMs },
  onChange,
}: {
  value: TimeRangeFilter;
  onChange: (range: TimeRangeFilter) => void;
}) {
  // A reader who empties both fields is still choosing.
  const [choosing, setChoosing] = useState(false);
  const custom = since === undefined && (choosing || fromMs !== undefined || toMs !== undefined);
  const choose = (choice: Choice | undefined) => {
    setChoosing(choice === CUSTOM);
    if (choice !== CUSTOM) return onChange({ since: choice, fromMs: undefined, toMs: undefined });
    const minuteMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    onChange({ since: undefined, fromMs: minuteMs - CALL_SPAN_MS[since ?? FIRST_SPAN], toMs: undefined });
  };
  return (
    <>
      <Select label="Made" any="Any time" value={custom ? CUSTOM : (since ?? "")} options={CHOICES} onChange={choose} />
      {custom && (
        <>
          <DateTimeField label="From" valueMs={fromMs} onChange={(atMs) => onChange({ since, fromMs: atMs, toMs })} />
          <DateTimeField label="Until" valueMs={toMs} onChange={(atMs) => onChange({ since, fromMs, toMs: atMs })} />
        </>
      )}
    </>
  );
}
