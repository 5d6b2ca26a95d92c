"use client";
import type { FunctionView } from "@bellows/protocol/views";
import { useInfiniteQuery } from "@tanstack/react-query";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { CallsTable } from "../calls/calls-table.tsx";
import { NoCalls } from "../calls/no-calls.tsx";

export function FunctionCalls({ fn }: { fn: FunctionView }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.calls.list.infiniteQueryOptions({ functionId: fn.id, limit: PAGE_ROWS }, livePages),
  );
  return <CallsTable query={query} of={fn} empty={<NoCalls of={fn} />} />;
}
