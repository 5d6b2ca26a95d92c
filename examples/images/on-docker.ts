/**
 * A program of the distribution, and a step that runs while the image is built: `bellows run examples/images/on-docker.ts`.
 * It needs the Docker driver, since a process of this host has no programs of its own.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { App, Image } from "@bellows/sdk";

export const app = new App("images-on-docker");

const image = Image.node().aptInstall("hello").run("hello --greeting='built once' > /etc/built");

export const said = app.function({ image }, async (): Promise<string> => {
  const { stdout } = await promisify(execFile)("hello");
  return `${stdout.trim()} ${(await readFile("/etc/built", "utf8")).trim()}`;
});

app.entrypoint(async () => {
  const line = await said.remote();
  if (line !== "Hello, world! built once") throw new Error(`the container said ${JSON.stringify(line)}`);
  console.log(line);
});
