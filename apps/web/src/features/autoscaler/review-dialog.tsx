"use client";
/** Everything that is about to be saved, once more, before it holds for a function that runs. */
import type { AutoscalerView } from "@bellows/protocol/views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { apiErrorData } from "../../lib/api-error.ts";
import { plural } from "../../lib/format.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import type { Drafts } from "./drafts.ts";
import { changesOf, draftChanges } from "./drafts.ts";
import { SETTING_TEXTS } from "./setting-texts.ts";

export function ReviewDialog({
  view: { functionId, settings },
  drafts,
  onSaved,
  onClose,
}: {
  view: AutoscalerView;
  drafts: Drafts;
  onSaved: () => void;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const update = useMutation(
    trpc.functions.updateAutoscaler.mutationOptions({
      onSuccess: (saved) => {
        queryClient.setQueryData(trpc.functions.autoscaler.queryKey({ id: functionId }), saved);
        void queryClient.invalidateQueries({ queryKey: trpc.functions.get.queryKey({ id: functionId }) });
        onSaved();
        onClose();
      },
    }),
  );
  const changes = draftChanges(drafts, settings);
  return (
    <ConfirmDialog
      title={`Save ${plural(changes.length, "change")}?`}
      confirm="Save"
      dismiss="Not yet"
      look="primary"
      busy={update.isPending}
      onConfirm={() => update.mutate({ id: functionId, changes: changesOf(drafts) })}
      onClose={onClose}
    >
      <ul aria-label="Changes" className="mb-3 divide-y divide-line rounded-md border border-line">
        {changes.map(({ setting, from, to }) => (
          <li key={setting} className="flex flex-wrap items-baseline justify-between gap-x-4 px-3 py-2">
            <span className="font-mono text-[0.8125rem] text-ink">{SETTING_TEXTS[setting].option}</span>
            <span className="tabular-nums">
              <span className="text-ink-faint">{from} →</span>{" "}
              <span className="font-medium text-ink">{to ?? "as in code"}</span>
            </span>
          </li>
        ))}
      </ul>
      <p>They hold within a second and until the next deploy. No container that is busy is stopped for them.</p>
      {update.error && (
        <div className="mt-3">
          <ErrorPanel error={apiErrorData(update.error)} />
        </div>
      )}
    </ConfirmDialog>
  );
}
