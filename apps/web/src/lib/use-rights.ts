"use client";
/** What the one who is signed in may do; nothing until that is known. */
import { useQuery } from "@tanstack/react-query";
import { ROLE_RIGHTS } from "./actions.ts";
import { useTRPC } from "./trpc.ts";

const NO_RIGHTS = { mayChange: false, mayAdminister: false };

export function useRights(): { mayChange: boolean; mayAdminister: boolean } {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.auth.me.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }));
  return data ? ROLE_RIGHTS[data.role] : NO_RIGHTS;
}
