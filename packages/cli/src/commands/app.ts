/** `bellows app list` and `bellows app stop`. */
import { LIMITS } from "@bellows/protocol/limits";
import type { AppView } from "@bellows/protocol/views";
import type { Command } from "commander";
import { limitOption, withCommonOptions } from "../common-options.ts";
import { ago, type Column, printJson, printList } from "../output.ts";
import { firstItems } from "../pages.ts";
import { appIdNamed, type CommonOptions, openSession } from "../session.ts";

export function addApp(program: Command): void {
  const app = program.command("app").description("deployed and running apps");
  withCommonOptions(app.command("list"))
    .description("the apps there are")
    .option("--all", "stopped ones too")
    .addOption(limitOption())
    .action(listApps);
  withCommonOptions(app.command("stop"))
    .description("stop an app: its queued inputs are cancelled, its containers end")
    .argument("<app>")
    .action(stopApp);
}

const COLUMNS: Column<AppView>[] = [
  { title: "app", text: ({ name }) => name },
  { title: "state", text: ({ state }) => state },
  { title: "version", text: ({ version }) => version, align: "right" },
  { title: "functions", text: ({ functionCount }) => functionCount, align: "right" },
  { title: "containers", text: ({ liveContainers }) => liveContainers, align: "right" },
  { title: "queued", text: ({ queued }) => queued, align: "right" },
  { title: "running", text: ({ running }) => running, align: "right" },
  { title: "deployed", text: ({ deployedAtMs }) => ago(deployedAtMs, Date.now()) },
];

async function listApps(options: CommonOptions & { all?: boolean; limit: number }): Promise<void> {
  const session = await openSession(options);
  const { environment } = session;
  const apps = await firstItems(options.limit, LIMITS.pageRows, (page) =>
    session.request(({ apps }) => apps.list.query({ environment, includeStopped: options.all ?? false, ...page })),
  );
  printList(apps, COLUMNS, { json: options.json, empty: "no apps; deploy one with `bellows deploy FILE`" });
}

async function stopApp(name: string, options: CommonOptions): Promise<void> {
  const session = await openSession(options);
  const id = await appIdNamed(session, name);
  const app = await session.request((api) => api.apps.stop.mutate({ id }));
  if (options.json) printJson(app);
  else console.log(`stopped ${app.name}`);
}
