"use client";
/**
 * One sentence while the orchestrator is away. Screens keep what they last knew; when it is back everything is asked
 * for again, so nobody has to reload.
 */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { apiErrorData, isAway } from "../../lib/api-error.ts";
import { ERROR_ADVICE } from "../../lib/error-advice.ts";
import { CALM_MS, LIVE_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { RichText } from "../../ui/rich-text.tsx";

export function ConnectionBanner() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { error, isSuccess } = useQuery(
    trpc.system.info.queryOptions(undefined, {
      refetchInterval: (query) => (isAway(query.state.error) ? LIVE_MS : CALM_MS),
    }),
  );
  const wasAway = useRef(false);
  const away = isAway(error);
  useEffect(() => {
    if (away) wasAway.current = true;
    else if (isSuccess && wasAway.current) {
      wasAway.current = false;
      void queryClient.invalidateQueries();
    }
  }, [away, isSuccess, queryClient]);
  if (!away) return null;
  const { message, code } = apiErrorData(error);
  return (
    <div role="alert" className="border-bad/40 border-b bg-bad/12 px-4 py-2 lg:px-8">
      <strong className="font-semibold">{sentence(message)}</strong>{" "}
      <span className="text-ink-soft">
        <RichText text={ERROR_ADVICE[code]} />
      </span>
    </div>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
