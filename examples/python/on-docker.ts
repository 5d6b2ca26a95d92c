/**
 * Python that an image brings, for machines and containers that have none: `bellows run examples/python/on-docker.ts`, on
 * Docker.
 */
import assert from "node:assert/strict";
import { App, Image } from "@bellows/sdk";

export const app = new App("python-on-docker");

const image = Image.node().aptInstall("python3");

export const embed = app.python<[text: string], Float32Array>("./embed.py", "embed", { image, memory: 256 });

app.entrypoint(async (text = "a text for a container") => {
  const vector = await embed.remote(text);
  assert.equal(vector.length, 256);
  console.log(`${vector.filter((x) => x !== 0).length} of ${vector.length} places are taken`);
});
