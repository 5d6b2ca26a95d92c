/** How calls, their inputs and their trees are written for a person. */
import type { CallTreeNode, CallView, InputDetailView, InputView } from "@bellows/protocol/call-views";
import pc from "picocolors";
import { ago, type Column } from "./output.ts";

export const CALL_COLUMNS: Column<CallView>[] = [
  { title: "call", text: ({ id }) => id },
  { title: "function", text: calleeText },
  { title: "kind", text: ({ kind }) => kind },
  { title: "state", text: callState },
  { title: "inputs", text: ({ inputCount, receivedCount }) => inputCount ?? `${receivedCount}+`, align: "right" },
  { title: "succeeded", text: ({ counts }) => counts.succeeded, align: "right" },
  { title: "failed", text: ({ counts }) => counts.failed, align: "right" },
  { title: "cancelled", text: ({ counts }) => counts.cancelled, align: "right" },
  { title: "made", text: ({ createdAtMs }) => ago(createdAtMs, Date.now()) },
];

export const INPUT_COLUMNS: Column<InputView>[] = [
  { title: "input", text: ({ index }) => index, align: "right" },
  { title: "state", text: ({ state }) => state },
  { title: "attempts", text: ({ attempts }) => attempts, align: "right" },
  { title: "ran", text: ({ startedAtMs, finishedAtMs }) => duration(startedAtMs, finishedAtMs), align: "right" },
  { title: "container", text: ({ containerId }) => containerId ?? "" },
];

/** What is called: `app/function`, of a class `app/Class.method`. */
export function calleeText({ appName, functionName, method }: CallView): string {
  return `${appName}/${functionName}${method === null ? "" : `.${method}`}`;
}

export function callState({ state, cancelAsked }: CallView): string {
  return state === "running" && cancelAsked ? "cancelling" : state;
}

function duration(startedAtMs: number | null, finishedAtMs: number | null): string {
  return startedAtMs === null || finishedAtMs === null ? "" : `${finishedAtMs - startedAtMs} ms`;
}

/** What went in, each attempt that came to nothing, and how it ended. */
export function detailText({ arguments: given, failedAttempts, result, error }: InputDetailView): string {
  const end = error ? `error      ${errorLine(error)}` : `result     ${result?.text ?? "none yet"}`;
  const attempts = failedAttempts.map(
    ({ attempt, outcome, error: reason }) => `attempt ${attempt}  ${outcome}: ${errorLine(reason)}`,
  );
  return [`arguments  ${given.text || "none"}`, ...attempts, end].join("\n");
}

function errorLine({ name, code, message }: NonNullable<InputDetailView["error"]>): string {
  return `${name ?? code}: ${message}`;
}

/** The tree, a line for each call, with a mark at the one that was asked for; first, who called the highest that is shown. */
export function treeText(root: CallTreeNode, askedId: string): string {
  const { parent } = root.call;
  const above = parent === null ? [] : [pc.dim(`  called by input ${parent.index} of ${parent.callId}`)];
  return [...above, ...treeLines(root, askedId, 0)].join("\n");
}

function treeLines({ call, children, hidden }: CallTreeNode, askedId: string, depth: number): string[] {
  const { id, kind, parent } = call;
  const from = parent === null || depth === 0 ? "" : ` from input ${parent.index}`;
  const line = `${"  ".repeat(depth)}${id} ${calleeText(call)} ${kind} ${callState(call)}${from}`;
  return [
    id === askedId ? pc.bold(`> ${line}`) : `  ${line}`,
    ...children.flatMap((child) => treeLines(child, askedId, depth + 1)),
    ...(hidden > 0 ? [pc.dim(`  ${"  ".repeat(depth + 1)}and ${hidden} more`)] : []),
  ];
}
