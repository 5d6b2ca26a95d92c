"use client";
/** Asks before many calls are changed, and says how many. */
import { useState } from "react";
import { apiErrorData } from "../../lib/api-error.ts";
import { formatCount, plural } from "../../lib/format.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import type { CallAction } from "./call-actions.ts";
import { CALL_ACTIONS } from "./call-actions.ts";
import type { BulkOutcome, BulkTarget } from "./use-bulk.ts";
import { useBulk } from "./use-bulk.ts";
import type { MatchCount } from "./use-match-count.ts";
import { useMatchCount } from "./use-match-count.ts";

export function BulkDialog({
  action,
  target,
  onDone,
  onClose,
}: {
  action: CallAction;
  target: BulkTarget;
  onDone: (outcome: BulkOutcome) => void;
  onClose: () => void;
}) {
  const { verb, meaning, nothing, dismiss, look } = CALL_ACTIONS[action];
  // Calls that are made while the reader decides were not counted, so they are not meant.
  const [chosen] = useState(() => until(target, Date.now()));
  const counted = useMatchCount(action, chosen.type === "filter" ? chosen.query : undefined);
  const known: MatchCount | undefined =
    chosen.type === "calls" ? { count: chosen.calls.length, more: false } : counted.data;
  const bulk = useBulk(action, onDone);
  const error = bulk.error ?? counted.error;
  return (
    <ConfirmDialog
      title={known ? `${verb} ${amount(known)}?` : `${verb} all that match?`}
      confirm={known && known.count > 0 ? `${verb} ${amount(known)}` : verb}
      dismiss={dismiss}
      look={look}
      busy={bulk.isPending}
      ready={known !== undefined && known.count > 0}
      onConfirm={() => bulk.mutate(chosen)}
      onClose={onClose}
    >
      {known === undefined && error === null ? (
        <div role="status" aria-label="Counting" className="flex flex-col gap-2 py-1">
          <Skeleton className="h-3 w-full" />
          <Skeleton className="h-3 w-2/3" />
        </div>
      ) : (
        <p>{known?.count === 0 ? nothing : meaning}</p>
      )}
      {error !== null && (
        <div className="mt-3">
          <ErrorPanel error={apiErrorData(error)} />
        </div>
      )}
    </ConfirmDialog>
  );
}

function amount({ count, more }: MatchCount): string {
  return more ? `${formatCount(count)} or more calls` : plural(count, "call");
}

function until(target: BulkTarget, nowMs: number): BulkTarget {
  if (target.type === "calls") return target;
  return { type: "filter", query: { ...target.query, toMs: Math.min(target.query.toMs ?? nowMs, nowMs) } };
}
