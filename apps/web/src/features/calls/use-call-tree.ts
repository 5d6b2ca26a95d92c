"use client";
/** The tree that a call is part of; asked for on, slowly, while anything in it runs and may make more of it. */
import type { CallView } from "@bellows/protocol/call-views";
import { useQuery } from "@tanstack/react-query";
import { LIVE_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { isLiveTree } from "./call-tree.ts";

/** A tree is many calls: it is read less often than one. */
const TREE_MS = 2 * LIVE_MS;

export function useCallTree(call: CallView) {
  const trpc = useTRPC();
  return useQuery(
    trpc.calls.tree.queryOptions(
      { id: call.id },
      { refetchInterval: ({ state: { data } }) => (data && !isLiveTree(data.root) ? false : TREE_MS) },
    ),
  );
}
