"use client";
/** The volumes that deployed functions name: folders that their containers share. */
import { useQuery } from "@tanstack/react-query";
import { CALM_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Section } from "../../ui/section.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { Users } from "./users.tsx";

export function VolumesSection() {
  const trpc = useTRPC();
  const query = useQuery(trpc.volumes.list.queryOptions({}, { refetchInterval: CALM_MS }));
  return (
    <Section title="Volumes">
      <Loaded query={query} skeleton={<RowsSkeleton rows={2} />}>
        {(volumes) =>
          volumes.length === 0 ? (
            <EmptyState title="No function names a volume">
              A volume is a folder that containers share. A function names it in its options; it is made with its first
              use.
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {volumes.map(({ name, usedBy }) => (
                <li key={name} className="flex flex-wrap gap-x-6 gap-y-1 px-4 py-3">
                  <span className="min-w-0 flex-1 basis-64 font-medium">{name}</span>
                  <span className="flex min-w-0 flex-1 basis-56 flex-wrap gap-x-2 text-ink-soft">
                    <Users usedBy={usedBy} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}
