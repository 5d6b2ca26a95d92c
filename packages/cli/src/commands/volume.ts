/** `bellows volume list` and `bellows volume delete`: folders that containers share. */
import type { VolumeView } from "@bellows/protocol/views";
import type { Command } from "commander";
import { withCommonOptions } from "../common-options.ts";
import { type Column, printJson, printList } from "../output.ts";
import { type CommonOptions, openSession } from "../session.ts";

export function addVolume(program: Command): void {
  const volume = program.command("volume").alias("volumes").description("folders that containers share");
  withCommonOptions(volume.command("list"))
    .description("the volumes that functions name, and those on the host")
    .action(list);
  withCommonOptions(volume.command("delete"))
    .description("delete a volume that nobody uses, with all that is in it")
    .argument("<name>")
    .action(remove);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

const COLUMNS: Column<VolumeView>[] = [
  { title: "volume", text: ({ name }) => name },
  { title: "size", text: ({ size }) => sizeText(size), align: "right" },
  { title: "used by", text: ({ usedBy }) => usedBy.join(", ") },
];

async function list(options: CommonOptions): Promise<void> {
  const { request, environment } = await openSession(options);
  const volumes = await request((api) => api.volumes.list.query({ environment }));
  printList(volumes, COLUMNS, { json: options.json, empty: "no volumes; a function that names one gets it" });
}

/** `12.5 MiB`; `-` for one that no container has asked for yet; `>` where only a part was counted. */
export function sizeText(size: VolumeView["size"]): string {
  if (size === null) return "-";
  const step = Math.min(Math.floor(Math.log2(Math.max(size.bytes, 1)) / 10), UNITS.length - 1);
  const number = (size.bytes / 1024 ** step).toLocaleString("en", { maximumFractionDigits: 1 });
  return `${size.isWhole ? "" : "> "}${number} ${UNITS[step]}`;
}

async function remove(name: string, options: CommonOptions): Promise<void> {
  const { request, environment } = await openSession(options);
  await request((api) => api.volumes.remove.mutate({ environment, name }));
  if (options.json) return printJson({ name });
  console.log(`volume ${name} is gone`);
}
