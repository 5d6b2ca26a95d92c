"use client";
import type { CallView } from "@bellows/protocol/call-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { canCancelCall } from "../../lib/actions.ts";
import { apiErrorData } from "../../lib/api-error.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { CALL_ACTIONS } from "./call-actions.ts";

export function CancelCall({ call }: { call: CallView }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [terminateContainers, setTerminateContainers] = useState(false);
  const cancel = useMutation(
    trpc.calls.cancel.mutationOptions({
      onSuccess: async () => {
        setAsking(false);
        await queryClient.invalidateQueries({ queryKey: trpc.calls.pathKey() });
      },
    }),
  );
  if (!canCancelCall(call)) return null;
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        Cancel call
      </Button>
      {asking && (
        <ConfirmDialog
          title="Cancel this call?"
          confirm="Cancel call"
          dismiss={CALL_ACTIONS.cancel.dismiss}
          look={CALL_ACTIONS.cancel.look}
          busy={cancel.isPending}
          onConfirm={() => cancel.mutate({ id: call.id, terminateContainers })}
          onClose={() => setAsking(false)}
        >
          <p>{CALL_ACTIONS.cancel.meaning}</p>
          <label className="mt-3 flex items-center gap-2">
            <input
              type="checkbox"
              checked={terminateContainers}
              onChange={({ target }) => setTerminateContainers(target.checked)}
            />
            End the containers that run them, too
          </label>
          {cancel.error && (
            <div className="mt-3">
              <ErrorPanel error={apiErrorData(cancel.error)} />
            </div>
          )}
        </ConfirmDialog>
      )}
    </>
  );
}
