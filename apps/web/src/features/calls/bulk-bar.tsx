"use client";
/** Which calls of a list are picked, and what may be done to them. It is always there, so that no row moves. */
import type { CallFilter as CallQuery, CallView } from "@bellows/protocol/call-views";
import { useState } from "react";
import { formatCount, plural } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { BulkDialog } from "./bulk-dialog.tsx";
import type { CallAction } from "./call-actions.ts";
import { CALL_ACTIONS } from "./call-actions.ts";
import type { BulkOutcome, BulkTarget } from "./use-bulk.ts";
import type { CallSelection } from "./use-call-selection.ts";

const ACTIONS: readonly CallAction[] = ["cancel", "retry"];

export function BulkBar({
  selection,
  shown,
  query,
}: {
  selection: CallSelection;
  /** The rows that are loaded. */
  shown: readonly CallView[];
  query: CallQuery;
}) {
  const [asking, setAsking] = useState<{ action: CallAction; target: BulkTarget }>();
  const [done, setDone] = useState<{ action: CallAction; outcome: BulkOutcome }>();
  const picked = shown.filter(({ id }) => selection.has(id));
  const whole = picked.length > 0 && picked.length === shown.length;
  const targetOf = (action: CallAction): BulkTarget =>
    selection.all ? { type: "filter", query } : { type: "calls", calls: picked.filter(CALL_ACTIONS[action].may) };
  return (
    <div className="border-line border-b">
      <div className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
        <label className="flex h-8 items-center gap-2 text-ink-soft">
          <input
            type="checkbox"
            checked={whole}
            ref={(box) => {
              if (box) box.indeterminate = picked.length > 0 && !whole;
            }}
            disabled={shown.length === 0}
            onChange={() => {
              setDone(undefined);
              if (whole) selection.clear();
              else selection.pick(shown);
            }}
          />
          <span className="tabular-nums">{selectionText(selection.all, picked.length)}</span>
        </label>
        {whole && !selection.all && (
          <Button look="ghost" onClick={selection.pickAll}>
            Select all that match
          </Button>
        )}
        {picked.length > 0 && (
          <span className="ml-auto flex items-center gap-2">
            {ACTIONS.map((action) => {
              const target = targetOf(action);
              const count = target.type === "calls" ? target.calls.length : undefined;
              return (
                <Button
                  key={action}
                  look={CALL_ACTIONS[action].look === "danger" ? "danger" : "plain"}
                  disabled={count === 0}
                  onClick={() => setAsking({ action, target })}
                >
                  {CALL_ACTIONS[action].verb}
                  {count !== undefined && <span className="tabular-nums">{formatCount(count)}</span>}
                </Button>
              );
            })}
          </span>
        )}
        {/* Always there: a place that appears together with its text is not read out. */}
        <p role="status" className="ml-auto text-ink-soft">
          {done && picked.length === 0 && outcomeText(done.action, done.outcome)}
        </p>
      </div>
      {done?.outcome.error && picked.length === 0 && (
        <div className="px-3 pb-3">
          <ErrorPanel error={done.outcome.error} />
        </div>
      )}
      {asking && (
        <BulkDialog
          {...asking}
          onDone={(outcome) => {
            setDone({ action: asking.action, outcome });
            setAsking(undefined);
            selection.clear();
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
    </div>
  );
}

function selectionText(all: boolean, count: number): string {
  if (all) return "All that match are selected";
  return count === 0 ? "Select all shown" : `${formatCount(count)} selected`;
}

export function outcomeText(action: CallAction, { matched, changed, stopped }: BulkOutcome): string {
  const text = CALL_ACTIONS[action].done(changed);
  if (stopped) return `${text} It ended there, before all that match were asked.`;
  return changed === matched ? text : `${text} ${plural(matched - changed, "other")} stayed as they were.`;
}
