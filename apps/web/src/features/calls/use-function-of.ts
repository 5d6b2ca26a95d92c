"use client";
/** The function, or the pool of one, that works on a call: while the call runs what the function does is its fate, too. */
import type { CallView } from "@bellows/protocol/views";
import { useQuery } from "@tanstack/react-query";
import { isLiveCall } from "../../lib/actions.ts";
import { CALM_MS, LIVE_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";

export function useFunctionOf({ functionId, state }: Pick<CallView, "functionId" | "state">) {
  const trpc = useTRPC();
  return useQuery(
    trpc.functions.get.queryOptions(
      { id: functionId },
      { refetchInterval: isLiveCall(state) ? LIVE_MS : false, staleTime: CALM_MS },
    ),
  );
}
