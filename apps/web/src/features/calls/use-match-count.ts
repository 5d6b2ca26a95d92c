"use client";
/**
 * How many calls an action would change. Lists have no totals, so they are counted page by page, up to a number
 * beyond which "that many or more" is enough to decide.
 */
import type { CallFilter as CallQuery } from "@bellows/protocol/call-views";
import { LIMITS } from "@bellows/protocol/limits";
import { useQuery } from "@tanstack/react-query";
import { useTRPC, useTRPCClient } from "../../lib/trpc.ts";
import type { CallAction } from "./call-actions.ts";
import { CALL_ACTIONS, fittingQueries } from "./call-actions.ts";

const COUNT_CAP = 1_000;

export interface MatchCount {
  count: number;
  /** There are more than were counted. */
  more: boolean;
}

export function useMatchCount(action: CallAction, query: CallQuery | undefined): { data?: MatchCount; error: unknown } {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { data, error } = useQuery({
    queryKey: [...trpc.calls.list.pathKey(), "count", action, query],
    enabled: query !== undefined,
    staleTime: 0,
    queryFn: async ({ signal }): Promise<MatchCount> => {
      let count = 0;
      for (const part of fittingQueries(action, query ?? {})) {
        let cursor: string | undefined;
        do {
          const page = await client.calls.list.query({ ...part, limit: LIMITS.pageRows, cursor }, { signal });
          count += page.items.filter(CALL_ACTIONS[action].may).length;
          cursor = page.nextCursor ?? undefined;
          if (count >= COUNT_CAP) return { count, more: cursor !== undefined };
        } while (cursor !== undefined);
      }
      return { count, more: false };
    },
  });
  return data === undefined ? { error } : { data, error };
}
