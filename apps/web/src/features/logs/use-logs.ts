"use client";
/**
 * A log that grows. One query holds all lines of a filter: each time it is asked it fetches only what came after the
 * last line it has, so following a long log costs a small request a second.
 */
import { LIMITS } from "@bellows/protocol/limits";
import type { LogLineView } from "@bellows/protocol/views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LIVE_MS } from "../../lib/live.ts";
import { useTRPCClient } from "../../lib/trpc.ts";
import type { LogLines } from "./log-lines.ts";
import { appendLines, NO_LINES, prependLines } from "./log-lines.ts";

export interface LogFilter {
  appId?: string;
  functionId?: string;
  callId?: string;
  index?: number;
  containerId?: string;
}

/** Pages read in one go; a log that is written faster than this is caught up with at the next round. */
const PAGES_A_ROUND = 5;

export function useLogs(filter: LogFilter, live: boolean) {
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  const queryKey = ["logs", filter] as const;
  const held = () => queryClient.getQueryData<LogLines>(queryKey) ?? NO_LINES;

  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<LogLines> => {
      const last = held().lines.at(-1);
      if (last === undefined) {
        const page = await client.logs.list.query({ ...filter, limit: LIMITS.pageRows }, { signal });
        return { lines: page.items, hasEarlier: page.nextCursor !== null };
      }
      const newer: LogLineView[] = [];
      for (let round = 0, after = last.id; round < PAGES_A_ROUND; round += 1) {
        const { items } = await client.logs.list.query({ ...filter, after, limit: LIMITS.pageRows }, { signal });
        newer.push(...items);
        const end = items.at(-1);
        if (end === undefined || items.length < LIMITS.pageRows) break;
        after = end.id;
      }
      // Earlier lines may have been added meanwhile: append to what is held now.
      return appendLines(held(), newer);
    },
    refetchInterval: live ? LIVE_MS : false,
    staleTime: 0,
  });

  const earlier = useMutation({
    mutationFn: async () => {
      const first = held().lines[0];
      if (first === undefined) return;
      const page = await client.logs.list.query({ ...filter, before: first.id, limit: LIMITS.pageRows });
      queryClient.setQueryData<LogLines>(queryKey, prependLines(held(), page.items, page.nextCursor !== null));
    },
  });

  return { query, earlier };
}
