"use client";
import type { ContainerView } from "@bellows/protocol/views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { canStopContainer } from "../../lib/actions.ts";
import { apiErrorData } from "../../lib/api-error.ts";
import { plural } from "../../lib/format.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";

export function StopContainer({ container }: { container: ContainerView }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const stop = useMutation(
    trpc.containers.stop.mutationOptions({
      onSuccess: async () => {
        setAsking(false);
        await queryClient.invalidateQueries({ queryKey: trpc.containers.pathKey() });
      },
    }),
  );
  if (!canStopContainer(container.state)) return null;
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        Stop
      </Button>
      {asking && (
        <ConfirmDialog
          title="Stop this container?"
          confirm="Stop container"
          busy={stop.isPending}
          onConfirm={() => stop.mutate({ id: container.id })}
          onClose={() => setAsking(false)}
        >
          <p>
            It finishes {container.running > 0 ? plural(container.running, "running input") : "what it has begun"}, runs
            its exit hooks and ends. The autoscaler starts another if one is still wanted.
          </p>
          {stop.error && (
            <div className="mt-3">
              <ErrorPanel error={apiErrorData(stop.error)} />
            </div>
          )}
        </ConfirmDialog>
      )}
    </>
  );
}
