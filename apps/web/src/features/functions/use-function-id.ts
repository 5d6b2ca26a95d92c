"use client";
/**
 * The function behind the names in a URL. The API knows functions by name only while their app runs, as callers do;
 * the console also shows what a stopped app had, so there the app is asked for its functions.
 */
import { LIMITS } from "@bellows/protocol/limits";
import { skipToken, useQuery } from "@tanstack/react-query";
import { apiErrorData } from "../../lib/api-error.ts";
import type { FunctionPath } from "../../lib/paths.ts";
import { useTRPC } from "../../lib/trpc.ts";

/** `id` is undefined until it is known; with an error it stays so. */
export function useFunctionId(path: FunctionPath | undefined): { id: string | undefined; error: unknown } {
  const trpc = useTRPC();
  const running = useQuery(trpc.functions.get.queryOptions(path ? { app: path.app, name: path.function } : skipToken));
  const mayBeStopped = path !== undefined && running.error !== null && apiErrorData(running.error).code === "NOT_FOUND";
  const app = useQuery(trpc.apps.get.queryOptions(mayBeStopped ? { name: path.app } : skipToken));
  const functions = useQuery(
    trpc.functions.list.queryOptions(
      mayBeStopped && app.data ? { appId: app.data.id, limit: LIMITS.pageRows } : skipToken,
    ),
  );
  if (!mayBeStopped) return { id: running.data?.id, error: running.error };
  const found = functions.data?.items.find(({ name }) => name === path.function);
  if (found) return { id: found.id, error: null };
  const isMissing = functions.data !== undefined || app.error !== null;
  return { id: undefined, error: functions.error ?? (isMissing ? running.error : null) };
}
