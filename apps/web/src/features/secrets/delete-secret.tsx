"use client";
import type { SecretView } from "@bellows/protocol/views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { apiErrorData } from "../../lib/api-error.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";

export function DeleteSecret({ secret, onClose }: { secret: SecretView; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.secrets.remove.mutationOptions({
      onSuccess: async () => {
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.secrets.pathKey() });
      },
    }),
  );
  return (
    <ConfirmDialog
      title={`Delete ${secret.name}?`}
      confirm="Delete secret"
      busy={remove.isPending}
      onConfirm={() => remove.mutate({ name: secret.name })}
      onClose={onClose}
    >
      <p>Its values are gone for good. One that a deployed function names cannot be deleted.</p>
      {remove.error && (
        <div className="mt-3">
          <ErrorPanel error={apiErrorData(remove.error)} />
        </div>
      )}
    </ConfirmDialog>
  );
}
