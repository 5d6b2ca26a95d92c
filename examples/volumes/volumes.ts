/**
 * A volume that containers share: `bellows run examples/volumes/volumes.ts`. What one function writes, another reads, in
 * another container.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { App, volumePath } from "@bellows/sdk";

export const app = new App("volumes");

const volumes = { "/notes": "example-notes" };

export const write = app.function({ volumes, maxContainers: 2 }, async (day: string, note: string): Promise<void> => {
  await writeFile(join(volumePath("example-notes"), `${day}.txt`), note);
});

export const read = app.function({ volumes }, async (): Promise<string[]> => {
  const folder = volumePath("example-notes");
  const days = (await readdir(folder)).sort();
  return Promise.all(days.map((day) => readFile(join(folder, day), "utf8")));
});

app.entrypoint(async () => {
  await write.map(["monday", "tuesday"], ["rain", "sun"]).toArray();
  const notes = await read.remote();
  if (notes.join() !== "rain,sun") throw new Error(`the volume holds ${JSON.stringify(notes)}`);
  console.log(notes.join("\n"));
});
