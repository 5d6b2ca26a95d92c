/** `bellows image list` and `bellows image log`: what was built for containers. */
import { NotFoundError } from "@bellows/protocol/errors";
import type { ImageBuildView } from "@bellows/protocol/views";
import type { Command } from "commander";
import { withCommonOptions } from "../common-options.ts";
import { ago, type Column, printJson, printList } from "../output.ts";
import { type CommonOptions, openSession } from "../session.ts";

const SHOWN = 50;

export function addImage(program: Command): void {
  const image = program.command("image").alias("images").description("images of containers, and their builds");
  withCommonOptions(image.command("list")).description("the newest build of each image").action(listImages);
  withCommonOptions(image.command("log"))
    .description("what a build has said")
    .argument("<id>", "of the image, or its begin")
    .action(showLog);
}

const COLUMNS: Column<ImageBuildView>[] = [
  { title: "image", text: ({ id }) => id },
  { title: "state", text: ({ state }) => state },
  { title: "driver", text: ({ driver }) => driver },
  { title: "started", text: ({ startedAtMs }) => ago(startedAtMs, Date.now()) },
  { title: "of", text: ({ base, steps, packages }) => [base, ...steps, ...packages].join(", ") },
];

async function listImages(options: CommonOptions): Promise<void> {
  const { request } = await openSession(options);
  const { items } = await request((api) => api.images.list.query({ limit: SHOWN }));
  printList(items, COLUMNS, { json: options.json ?? false, empty: "no image was built yet" });
}

async function showLog(text: string, options: CommonOptions): Promise<void> {
  const { request } = await openSession(options);
  const { items } = await request((api) => api.images.list.query({ limit: SHOWN }));
  const found = items.find(({ id }) => id.startsWith(text));
  if (!found) throw new NotFoundError(`there is no image "${text}"; \`bellows image list\` shows those there are`);
  const log = await request((api) => api.images.log.query({ id: found.id }));
  if (options.json) return printJson(log);
  process.stdout.write(log.text);
  if (log.error) console.log(log.error.message);
}
