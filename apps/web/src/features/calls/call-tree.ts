/** What a tree of calls says as a whole. Pure. */
import type { CallTreeNode } from "@bellows/protocol/call-views";
import { isLiveCall } from "../../lib/actions.ts";

/**
 * How many calls the inputs of one call of the tree have made, those that these made among them. `more`: of some of
 * them, which are not shown, it is not known whether they made any.
 */
export function callsBelow(root: CallTreeNode, id: string): { count: number; more: boolean } {
  const node = find(root, id);
  return node ? countBelow(node) : { count: 0, more: false };
}

function countBelow({ children, hidden }: CallTreeNode): { count: number; more: boolean } {
  const below = children.map(countBelow);
  return {
    count: below.reduce((sum, { count }) => sum + 1 + count, hidden),
    more: hidden > 0 || below.some(({ more }) => more),
  };
}

function find(node: CallTreeNode, id: string): CallTreeNode | undefined {
  if (node.call.id === id) return node;
  for (const child of node.children) {
    const found = find(child, id);
    if (found) return found;
  }
  return undefined;
}

/** Whether any call that is shown still runs. */
export function isLiveTree({ call, children }: CallTreeNode): boolean {
  return isLiveCall(call.state) || children.some(isLiveTree);
}
