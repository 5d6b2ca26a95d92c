"use client";
/** Runs the inputs of a finished call again that failed or were cancelled. */
import type { CallView } from "@bellows/protocol/views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { canRetryCall } from "../../lib/actions.ts";
import { apiErrorData } from "../../lib/api-error.ts";
import { plural } from "../../lib/format.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";

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
  if (!canRetryCall(call)) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>Retry failed</Button>
      {asking && (
        <ConfirmDialog
          title={`Run ${plural(again, "input")} again?`}
          confirm={`Retry ${plural(again, "input")}`}
          dismiss="Leave it"
          look="primary"
          busy={retry.isPending}
          ready={again > 0}
          onConfirm={() => retry.mutate({ id: call.id })}
          onClose={() => setAsking(false)}
        >
          <p>
            Inputs that failed or were cancelled are queued again, with all their retries. Results that are there stay
            as they are.
          </p>
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
