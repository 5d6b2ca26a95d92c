import type { CallTreeNode, CallView } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import { callsInTree, isLiveTree } from "./call-tree.ts";

test("calls that are not shown count, too", () => {
  const leaf = node([]);
  expect(callsInTree(leaf)).toBe(1);
  expect(callsInTree(node([leaf, node([leaf], 40)], 2))).toBe(1 + 2 + 1 + 1 + 40 + 1);
});

test("a tree lives as long as any call in it", () => {
  expect(isLiveTree(node([node([], 0, "running")], 0, "succeeded"))).toBe(true);
  expect(isLiveTree(node([node([], 0, "failed")], 0, "succeeded"))).toBe(false);
});

function node(children: CallTreeNode[], hidden = 0, state: CallView["state"] = "running"): CallTreeNode {
  const call: CallView = {
    id: "call",
    functionId: "function",
    functionName: "walk",
    appId: "app",
    appName: "trees",
    kind: "remote",
    state,
    inputCount: 1,
    receivedCount: 1,
    counts: { succeeded: 0, failed: 0, cancelled: 0 },
    parent: null,
    cancelAsked: false,
    createdAtMs: 0,
    finishedAtMs: null,
  };
  return { call, children, hidden };
}
