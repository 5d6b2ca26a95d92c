/** `bellows volume list` and `bellows volume delete`: folders that containers share. */
import type { VolumeView } from "@bellows/protocol/views";
import type { Command } from "commander";
import { withCommonOptions } from "../common-options.ts";
import { type Column, printJson, printList } from "../output.ts";
import { type CommonOptions, openSession } from "../session.ts";

export function addVolume(program: Command): void {
  const volume = program.command("volume").alias("volumes").description("folders that containers share");
  withCommonOptions(volume.command("list")).description("the volumes that functions name").action(list);
  withCommonOptions(volume.command("delete"))
    .description("delete a volume that no function names, with all that is in it")
    .argument("<name>")
    .action(remove);
}

const COLUMNS: Column<VolumeView>[] = [
  { title: "volume", text: ({ name }) => name },
  { title: "used by", text: ({ usedBy }) => usedBy.join(", ") },
];

async function list(options: CommonOptions): Promise<void> {
  const { request, environment } = await openSession(options);
  const volumes = await request((api) => api.volumes.list.query({ environment }));
  printList(volumes, COLUMNS, { json: options.json, empty: "no function names a volume" });
}

async function remove(name: string, options: CommonOptions): Promise<void> {
  const { request, environment } = await openSession(options);
  await request((api) => api.volumes.remove.mutate({ environment, name }));
  if (options.json) return printJson({ name });
  console.log(`volume ${name} is gone`);
}
