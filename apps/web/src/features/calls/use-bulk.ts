"use client";
/** Does the same to many calls: to some that were picked, or to all that fit a filter, which is then the API's work. */
import type { BulkResult, CallFilter as CallQuery, CallView } from "@bellows/protocol/call-views";
import type { ErrorData } from "@bellows/protocol/errors";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { apiErrorData } from "../../lib/api-error.ts";
import { useTRPC, useTRPCClient } from "../../lib/trpc.ts";
import type { CallAction } from "./call-actions.ts";

/** What was chosen: calls by hand, or a filter as it stood when it was chosen. */
export type BulkTarget = { type: "calls"; calls: readonly CallView[] } | { type: "filter"; query: CallQuery };

export interface BulkOutcome extends Omit<BulkResult, "stoppedBy"> {
  /** What kept some from being changed: of calls picked by hand, what the first that failed said. */
  error: ErrorData | null;
  /** It ended before every call that matches was asked. */
  stopped: boolean;
}

export function useBulk(action: CallAction, onDone: (outcome: BulkOutcome) => void) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (target: BulkTarget): Promise<BulkOutcome> => {
      if (target.type === "filter") {
        const { stoppedBy, ...counts } = await byFilter(target.query);
        return { ...counts, error: stoppedBy ?? null, stopped: stoppedBy !== undefined };
      }
      const results = await Promise.allSettled(target.calls.map(({ id }) => byId(id)));
      const failed = results.find((result) => result.status === "rejected");
      return {
        matched: results.length,
        changed: results.filter((result) => result.status === "fulfilled" && result.value).length,
        error: failed ? apiErrorData(failed.reason) : null,
        stopped: false,
      };
    },
    onSuccess: async (outcome) => {
      onDone(outcome);
      await queryClient.invalidateQueries({ queryKey: trpc.calls.pathKey() });
    },
  });

  function byFilter(query: CallQuery): Promise<BulkResult> {
    switch (action) {
      case "cancel":
        return client.calls.cancelMany.mutate(query);
      case "retry":
        return client.calls.retryMany.mutate(query);
    }
  }

  /** Whether the call was changed. */
  async function byId(id: string): Promise<boolean> {
    switch (action) {
      case "cancel":
        await client.calls.cancel.mutate({ id });
        return true;
      case "retry":
        return (await client.calls.retry.mutate({ id })).retried > 0;
    }
  }
}
