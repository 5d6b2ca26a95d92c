/** What a tree of calls says as a whole. Pure. */
import type { CallTreeNode } from "@bellows/protocol/views";
import { isLiveCall } from "../../lib/actions.ts";

/** How many calls the tree has, those that are not shown among them. */
export function callsInTree({ children, hidden }: CallTreeNode): number {
  return children.reduce((sum, child) => sum + callsInTree(child), 1 + hidden);
}

/** Whether any call that is shown still runs. */
export function isLiveTree({ call, children }: CallTreeNode): boolean {
  return isLiveCall(call.state) || children.some(isLiveTree);
}
