import { stripVTControlCharacters } from "node:util";
import type { CallTreeNode, InputDetailView } from "@bellows/protocol/call-views";
import { newId } from "@bellows/protocol/ids";
import { expect, test } from "vitest";
import { detailText, treeText } from "./call-tables.ts";
import { someCall } from "./testing/call-view.ts";

test("a tree is a line a call, with what made each, a mark at the one asked for, and how many are not shown", () => {
  const root = someCall({ kind: "spawnMap", state: "running" });
  const child = someCall({
    parent: { callId: root.id, index: 7 },
    functionName: "Inner",
    method: "step",
    state: "running",
    cancelAsked: true,
  });
  const tree: CallTreeNode = { call: root, hidden: 3, children: [{ call: child, hidden: 0, children: [] }] };
  const lines = treeText(tree, child.id).split("\n");
  expect(lines).toEqual([
    expect.stringContaining(`  ${root.id} app/fn spawnMap running`),
    expect.stringContaining(`>   ${child.id} app/Inner.step remote cancelling from input 7`),
    expect.stringContaining("    and 3 more"),
  ]);
});

test("a tree that has no top says who called its highest", () => {
  const parent = { callId: newId(), index: 3 };
  const call = someCall({ parent });
  const text = stripVTControlCharacters(treeText({ call, hidden: 0, children: [] }, call.id));
  expect(text.split("\n")).toEqual([
    `  called by input 3 of ${parent.callId}`,
    expect.stringContaining(`> ${call.id} app/fn remote succeeded`),
  ]);
});

test("an input shows each attempt that came to nothing before its end", () => {
  const attempt = { containerId: null, queuedAtMs: 1, startedAtMs: 1, finishedAtMs: 2 };
  const detail: InputDetailView = {
    callId: newId(),
    index: 0,
    state: "failed",
    attempts: 3,
    containerId: null,
    queuedAtMs: 1,
    startedAtMs: 1,
    finishedAtMs: 2,
    arguments: { text: "1, 2", bytes: 2, truncated: false },
    result: null,
    error: { code: "REMOTE", name: "RangeError", message: "too far" },
    failedAttempts: [
      { attempt: 1, outcome: "failed", error: { code: "REMOTE", name: "TypeError", message: "no" }, ...attempt },
      { attempt: 2, outcome: "lost", error: { code: "CONTAINER_CRASHED", message: "gone" }, ...attempt },
    ],
  };
  expect(detailText(detail)).toBe(
    [
      "arguments  1, 2",
      "attempt 1  failed: TypeError: no",
      "attempt 2  lost: CONTAINER_CRASHED: gone",
      "error      RangeError: too far",
    ].join("\n"),
  );
});
