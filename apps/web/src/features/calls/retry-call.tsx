"use client";
/** Runs the inputs of a finished call again that failed or were cancelled. */
import type { CallView } from "@bellows/protocol/call-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { apiErrorData } from "../../lib/api-error.ts";
import { plural } from "../../lib/format.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { CALL_ACTIONS } from "./call-actions.ts";

export function RetryCall({ call }: { call: CallView }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const retry = useMutation(
    trpc.calls.retry.mutationOptions({
      onSuccess: async () => {
        setAsking(false);
        await queryClient.invalidateQueries({ queryKey: trpc.calls.pathKey() });
      },
    }),
  );
  const again = call.counts.failed + call.counts.cancelled;
  return (
    <>
      <Button onClick={() => setAsking(true)}>Retry {whatEnded(call.counts)}</Button>
      {asking && (
        <ConfirmDialog
          title={`Run ${plural(again, "input")} again?`}
          confirm={`Retry ${plural(again, "input")}`}
          dismiss={CALL_ACTIONS.retry.dismiss}
          look={CALL_ACTIONS.retry.look}
          busy={retry.isPending}
          onConfirm={() => retry.mutate({ id: call.id })}
          onClose={() => setAsking(false)}
        >
          <p>{CALL_ACTIONS.retry.meaning}</p>
          {retry.error && (
            <div className="mt-3">
              <ErrorPanel error={apiErrorData(retry.error)} />
            </div>
          )}
        </ConfirmDialog>
      )}
    </>
  );
}

/** What was cancelled has not failed. */
function whatEnded({ failed, cancelled }: CallView["counts"]): string {
  if (cancelled === 0) return "failed";
  return failed === 0 ? "cancelled" : "failed and cancelled";
}
