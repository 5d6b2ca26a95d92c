import type { CallTreeNode, CallView } from "@bellows/protocol/call-views";
import { expect, test } from "vitest";
import { callsBelow, isLiveTree } from "./call-tree.ts";

test("of a call only what is below it counts, and what is not shown, too", () => {
  const crowded = node("crowded", [node("leaf", [])], 40);
  const root = node("root", [node("other", []), node("middle", [crowded])]);
  expect(callsBelow(root, "leaf")).toEqual({ count: 0, more: false });
  expect(callsBelow(root, "middle")).toEqual({ count: 1 + 1 + 40, more: true });
  expect(callsBelow(root, "root")).toEqual({ count: 2 + 1 + 1 + 40, more: true });
  expect(callsBelow(node("root", [node("leaf", [])]), "root")).toEqual({ count: 1, more: false });
});

test("a tree lives as long as any call in it", () => {
  expect(isLiveTree(node("root", [node("leaf", [], 0, "running")], 0, "succeeded"))).toBe(true);
  expect(isLiveTree(node("root", [node("leaf", [], 0, "failed")], 0, "succeeded"))).toBe(false);
});

function node(id: string, children: CallTreeNode[], hidden = 0, state: CallView["state"] = "running"): CallTreeNode {
  const call: CallView = {
    id,
    functionId: "function",
    functionName: "walk",
    method: null,
    appId: "app",
    appName: "trees",
    kind: "remote",
    state,
    inputCount: 1,
    receivedCount: 1,
    counts: { succeeded: 0, failed: 0, cancelled: 0 },
    parent: null,
    cancelAsked: false,
    deployed: true,
    waitReason: null,
    createdAtMs: 0,
    finishedAtMs: null,
  };
  return { call, children, hidden };
}
