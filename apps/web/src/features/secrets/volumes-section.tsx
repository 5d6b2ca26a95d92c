"use client";
/** The volumes of this environment: folders that containers share, used or left over. One that is used cannot be deleted. */
import type { VolumeView } from "@bellows/protocol/views";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { CALM_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { useRights } from "../../lib/use-rights.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Section } from "../../ui/section.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { DeleteVolume } from "./delete-volume.tsx";
import { Users } from "./users.tsx";
import { volumeSize } from "./volume-size.ts";

export function VolumesSection() {
  const trpc = useTRPC();
  const { mayChange } = useRights();
  const [deleting, setDeleting] = useState<VolumeView | null>(null);
  const query = useQuery(trpc.volumes.list.queryOptions({}, { refetchInterval: CALM_MS }));
  return (
    <Section title="Volumes">
      <Loaded query={query} skeleton={<RowsSkeleton rows={2} />}>
        {(volumes) =>
          volumes.length === 0 ? (
            <EmptyState title="No volume yet">
              A volume is a folder that containers share. A function names it in its options; it is made with its first
              use.
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {volumes.map((volume) => (
                <li key={volume.name} className="flex flex-wrap items-start gap-x-6 gap-y-2 px-4 py-3">
                  <div className="min-w-0 flex-1 basis-64">
                    <p className="font-medium [overflow-wrap:anywhere]">{volume.name}</p>
                    <p className="text-ink-soft tabular-nums">{volumeSize(volume)}</p>
                  </div>
                  <p className="flex min-w-0 flex-1 basis-56 flex-wrap gap-x-2 text-ink-soft">
                    <Users usedBy={volume.usedBy} />
                  </p>
                  {mayChange && volume.usedBy.length === 0 && (
                    <Button look="danger" onClick={() => setDeleting(volume)} aria-label={`Delete ${volume.name}`}>
                      Delete
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {deleting && <DeleteVolume volume={deleting} onClose={() => setDeleting(null)} />}
    </Section>
  );
}
