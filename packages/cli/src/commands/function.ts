/** `bellows function list`, and what is beside it: `scale` and `decisions`. */
import { LIMITS } from "@bellows/protocol/limits";
import type { FunctionView } from "@bellows/protocol/views";
import type { Command } from "commander";
import { limitOption, withCommonOptions } from "../common-options.ts";
import { type Column, printList } from "../output.ts";
import { firstItems } from "../pages.ts";
import { appIdNamed, type CommonOptions, openSession } from "../session.ts";
import { addFunctionDecisions } from "./function-decisions.ts";
import { addFunctionScale } from "./function-scale.ts";

export function addFunction(program: Command): void {
  const command = program.command("function").description("functions of apps");
  withCommonOptions(command.command("list"))
    .description("the functions there are, with their live numbers")
    .option("--app <name>", "of this app only")
    .addOption(limitOption())
    .action(listFunctions);
  for (const add of [addFunctionScale, addFunctionDecisions]) add(command);
}

const COLUMNS: Column<FunctionView>[] = [
  { title: "app", text: ({ appName }) => appName },
  { title: "function", text: ({ name }) => name },
  { title: "version", text: ({ deploymentVersion }) => deploymentVersion, align: "right" },
  { title: "containers", text: ({ stats }) => stats.containers.starting + stats.containers.ready, align: "right" },
  { title: "wanted", text: ({ stats }) => stats.desiredContainers, align: "right" },
  { title: "queued", text: ({ stats }) => stats.queued, align: "right" },
  { title: "running", text: ({ stats }) => stats.running, align: "right" },
  { title: "why", text: ({ stats }) => stats.degraded?.message ?? stats.deadlock ?? stats.reason },
];

async function listFunctions(options: CommonOptions & { app?: string; limit: number }): Promise<void> {
  const session = await openSession(options);
  const { environment } = session;
  const filter = {
    environment,
    ...(options.app === undefined ? {} : { appId: await appIdNamed(session, options.app) }),
  };
  const functions = await firstItems(options.limit, LIMITS.pageRows, (page) =>
    session.request((api) => api.functions.list.query({ ...filter, ...page })),
  );
  const empty = "no functions; deploy an app with `bellows deploy FILE`";
  printList(functions, COLUMNS, { json: options.json, empty });
}
