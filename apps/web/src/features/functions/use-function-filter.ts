"use client";
/** The ids behind the names in a URL: lists are filtered by id, addresses are written with names. */
import { skipToken, useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../lib/trpc.ts";
import { useFunctionId } from "./use-function-id.ts";

export interface OwnerIds {
  appId?: string;
  functionId?: string;
}

/** `ids` is undefined until the names are known to exist. */
export function useFunctionFilter({
  app,
  function: name,
}: {
  app?: string | undefined;
  function?: string | undefined;
}): {
  ids: OwnerIds | undefined;
  error: unknown;
} {
  const trpc = useTRPC();
  const appQuery = useQuery(trpc.apps.get.queryOptions(app && !name ? { name: app } : skipToken));
  const fn = useFunctionId(app && name ? { app, function: name } : undefined);
  if (!app) return { ids: {}, error: null };
  if (!name) return { ids: appQuery.data && { appId: appQuery.data.id }, error: appQuery.error };
  return { ids: fn.id === undefined ? undefined : { functionId: fn.id }, error: fn.error };
}
