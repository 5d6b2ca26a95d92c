/**
 * What containers have in them besides the code: `bellows run examples/images/images.ts`. Every driver can serve this one;
 * `on-docker.ts` has what needs a container engine.
 */
import { readFile } from "node:fs/promises";
import { App, Image } from "@bellows/sdk";

export const app = new App("images");

const image = Image.node().env({ GREETING: "Good morning" }).copy("./phrases", "phrases");

export const greet = app.function({ image }, async (language: string): Promise<string> => {
  const name = await readFile(`phrases/${language}.txt`, "utf8");
  return `${process.env.GREETING}, ${name.trim()}`;
});

app.entrypoint(async () => {
  const greetings = await greet.map(["english", "german"]).toArray();
  const expected = ["Good morning, world", "Good morning, Welt"];
  if (greetings.join() !== expected.join()) throw new Error(`the containers said ${JSON.stringify(greetings)}`);
  for (const greeting of greetings) console.log(greeting);
});
