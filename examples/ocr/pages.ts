/** The pages to read, and what is printed on them. */
import { readdir, readFile } from "node:fs/promises";

const DIR = new URL("pages/", import.meta.url);

export interface Page {
  name: string;
  image: Uint8Array;
  text: string;
}

export async function readPages(): Promise<Page[]> {
  const names = (await readdir(DIR))
    .filter((file) => file.endsWith(".png"))
    .map((file) => file.slice(0, -".png".length));
  return Promise.all(
    names.sort().map(async (name) => ({
      name,
      image: new Uint8Array(await readFile(new URL(`${name}.png`, DIR))),
      text: await readFile(new URL(`${name}.txt`, DIR), "utf8"),
    })),
  );
}
