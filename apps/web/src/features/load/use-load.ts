"use client";
/** What a function did in the last so long, asked again while the screen is shown: the longer ago it began, the less often. */
import { LIMITS } from "@bellows/protocol/limits";
import type { LoadView } from "@bellows/protocol/load-views";
import type { DecisionView } from "@bellows/protocol/views";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { LOAD_SPAN_MS } from "../../lib/filters.ts";
import type { LoadSpan } from "../../lib/paths.ts";
import { useTRPCClient } from "../../lib/trpc.ts";
import type { TimeRange } from "./load-series.ts";

export interface RecentLoad {
  range: TimeRange;
  load: LoadView;
  /** Newest first: as many as fit on a page. */
  decisions: DecisionView[];
  /** There are older ones in the range. */
  moreDecisions: boolean;
}

const REFRESH_MS: Record<LoadSpan, number> = { "15m": 2_000, "1h": 5_000, "6h": 15_000, "24h": 60_000 };

export function useLoad(functionId: string, span: LoadSpan) {
  const client = useTRPCClient();
  return useQuery({
    queryKey: ["functions.load", functionId, span],
    queryFn: async (): Promise<RecentLoad> => {
      const toMs = Date.now();
      const range = { fromMs: toMs - LOAD_SPAN_MS[span], toMs };
      const [load, decisions] = await Promise.all([
        client.functions.load.query({ functionId, ...range }),
        client.functions.decisions.query({ functionId, ...range, limit: LIMITS.pageRows }),
      ]);
      return { range, load, decisions: decisions.items, moreDecisions: decisions.nextCursor !== null };
    },
    refetchInterval: REFRESH_MS[span],
    placeholderData: keepPreviousData,
  });
}
