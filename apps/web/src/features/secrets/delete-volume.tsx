"use client";
import type { VolumeView } from "@bellows/protocol/views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { apiErrorData } from "../../lib/api-error.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { volumeSize } from "./volume-size.ts";

export function DeleteVolume({ volume, onClose }: { volume: VolumeView; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.volumes.remove.mutationOptions({
      onSuccess: async () => {
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.volumes.pathKey() });
      },
    }),
  );
  return (
    <ConfirmDialog
      title={`Delete ${volume.name}?`}
      confirm="Delete volume"
      busy={remove.isPending}
      onConfirm={() => remove.mutate({ name: volume.name })}
      onClose={onClose}
    >
      <p>All that is in it ({volumeSize(volume)}) is gone for good.</p>
      {remove.error && (
        <div className="mt-3">
          <ErrorPanel error={apiErrorData(remove.error)} />
        </div>
      )}
    </ConfirmDialog>
  );
}
