"use client";
/** How many booted containers wait on this host for the next function, and what they cost. */
import { useQuery } from "@tanstack/react-query";
import { formatBytes } from "../../lib/format.ts";
import { CALM_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";

export function StandbyNote() {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.containers.standby.queryOptions(undefined, { refetchInterval: CALM_MS }));
  if (!data || data.length === 0) return null;
  const ready = data.filter((standby) => standby.ready).length;
  const bytes = data.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0);
  return (
    <span title="Booted containers without a function: the next one that starts takes one of them">
      {ready} kept ready{bytes > 0 && `, ${formatBytes(bytes)}`}
    </span>
  );
}
