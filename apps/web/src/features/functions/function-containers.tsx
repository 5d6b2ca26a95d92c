"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { ContainersTable } from "../containers/containers-table.tsx";
import { NoContainers } from "../containers/no-containers.tsx";

export function FunctionContainers({ functionId, includeGone }: { functionId: string; includeGone: boolean }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.containers.list.infiniteQueryOptions({ functionId, includeGone, limit: PAGE_ROWS }, livePages),
  );
  return <ContainersTable query={query} ofOneFunction empty={<NoContainers gone={includeGone} />} />;
}
