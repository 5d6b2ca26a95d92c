/** `bellows container list`. */
import { LIMITS } from "@bellows/protocol/limits";
import type { ContainerView } from "@bellows/protocol/views";
import type { Command } from "commander";
import { limitOption, withCommonOptions } from "../common-options.ts";
import { ago, type Column, printList } from "../output.ts";
import { firstItems } from "../pages.ts";
import { appIdNamed, type CommonOptions, openSession } from "../session.ts";

export function addContainer(program: Command): void {
  const container = program.command("container").description("what runs the functions");
  withCommonOptions(container.command("list"))
    .description("the containers there are")
    .option("--app <name>", "of this app only")
    .option("--all", "ended ones too")
    .addOption(limitOption())
    .action(listContainers);
}

const MIB = 1024 * 1024;
const COLUMNS: Column<ContainerView>[] = [
  { title: "container", text: ({ id }) => id },
  { title: "function", text: ({ appName, functionName }) => `${appName}/${functionName}` },
  { title: "state", text: ({ state }) => state },
  { title: "running", text: ({ running, slots }) => `${running}/${slots}`, align: "right" },
  {
    title: "cpu",
    text: ({ cpuPercent }) => (cpuPercent === null ? "" : `${Math.round(cpuPercent)} %`),
    align: "right",
  },
  {
    title: "memory",
    text: ({ memoryBytes }) => (memoryBytes === null ? "" : `${Math.round(memoryBytes / MIB)} MiB`),
    align: "right",
  },
  { title: "started", text: ({ createdAtMs }) => ago(createdAtMs, Date.now()) },
  { title: "reason", text: ({ reason, error }) => error?.message ?? reason ?? "" },
];

async function listContainers(options: CommonOptions & { app?: string; all?: boolean; limit: number }): Promise<void> {
  const session = await openSession(options);
  const filter = {
    environment: session.environment,
    includeGone: options.all ?? false,
    ...(options.app === undefined ? {} : { appId: await appIdNamed(session, options.app) }),
  };
  const containers = await firstItems(options.limit, LIMITS.pageRows, (page) =>
    session.request((api) => api.containers.list.query({ ...filter, ...page })),
  );
  printList(containers, COLUMNS, { json: options.json, empty: "no containers; they start when inputs wait" });
}
