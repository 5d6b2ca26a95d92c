/** `bellows function decisions`: what the autoscaler of a function decided, and why. */
import { LIMITS } from "@bellows/protocol/limits";
import type { DecisionView } from "@bellows/protocol/views";
import type { Command } from "commander";
import { limitOption, withCommonOptions } from "../common-options.ts";
import { appAndFunction, functionArgument } from "../function-argument.ts";
import { functionIdNamed } from "../named-function.ts";
import { type Column, printList } from "../output.ts";
import { firstItems } from "../pages.ts";
import { appIdNamed, type CommonOptions, openSession } from "../session.ts";

export function addFunctionDecisions(command: Command): void {
  functionArgument(withCommonOptions(command.command("decisions")))
    .description("what its autoscaler decided, and why, newest first")
    .addOption(limitOption())
    .action(listDecisions);
}

const COLUMNS: Column<DecisionView>[] = [
  { title: "at", text: ({ atMs }) => new Date(atMs).toISOString() },
  { title: "wanted", text: ({ desired }) => desired, align: "right" },
  { title: "containers", text: ({ current }) => current, align: "right" },
  { title: "queued", text: ({ queued }) => queued, align: "right" },
  { title: "running", text: ({ running }) => running, align: "right" },
  { title: "why", text: ({ reason }) => reason },
];

async function listDecisions(
  _of: string,
  options: CommonOptions & { limit: number },
  { args }: Command,
): Promise<void> {
  const { app, name } = appAndFunction(args);
  const session = await openSession(options);
  const functionId = await functionIdNamed(session, { appId: await appIdNamed(session, app), app, name });
  const decisions = await firstItems(options.limit, LIMITS.pageRows, (page) =>
    session.request((api) => api.functions.decisions.query({ functionId, ...page })),
  );
  printList(decisions, COLUMNS, { json: options.json, empty: "no decisions; each change of the wanted number is one" });
}
