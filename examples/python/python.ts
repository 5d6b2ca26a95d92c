/**
 * Functions in Python, called, mapped and batched from TypeScript: texts become vectors, and the nearest of them is found.
 * `bellows run examples/python/python.ts -- "a question"`; it needs python3 (3.9 or newer) on the machine.
 */
import assert from "node:assert/strict";
import { App, RemoteError } from "@bellows/sdk";

export const app = new App("python");

const options = { maxContainers: 2, scaledownWindow: "10s" } as const;

export const embed = app.python<[text: string], Float32Array>("./embed.py", "embed", { ...options, retries: 1 });

export const embedAll = app.python<[text: string], { vector: Float32Array; togetherWith: number }>(
  "./embed.py",
  "embed_all",
  { ...options, batched: { maxBatchSize: 8, waitMs: 1_000 } },
);

export const nearest = app.python<
  [query: Float32Array, vectors: Float32Array[]],
  { index: number; similarity: number }[]
>("./embed.py", "nearest", options);

export const fetched = app.python<[texts: string[]], number>("./embed.py", "fetched", {
  ...options,
  maxContainers: 1,
  concurrent: { maxInputs: 16 },
});

const TEXTS = [
  "A container is started when inputs wait, and stopped when none have come for a while.",
  "The cat sleeps on the warm window sill all afternoon.",
  "Bread dough rises best in a warm kitchen; knead it for ten minutes.",
  "Containers that wait for inputs are stopped after the scaledown window.",
];

app.entrypoint(async (question = "when is a container stopped that waits for inputs?") => {
  // One call, as of any function; typed by its definition.
  const query = await embed.remote(question);
  assert(query instanceof Float32Array);
  assert.equal(query.length, 256);

  // Mapped over a list, in as many containers as there may be.
  const vectors: Float32Array[] = [];
  for await (const vector of embed.map(TEXTS)) vectors.push(vector);
  const ranking = await nearest.remote(query, vectors);
  for (const { index, similarity } of ranking) console.log(similarity.toFixed(3), TEXTS[index]);
  assert.equal(ranking.length, TEXTS.length);

  // Batched: each input is one text, and Python gets lists of them, here of eight, eight and four.
  const batched = await embedAll.map(Array.from({ length: 20 }, (_, i) => TEXTS[i % TEXTS.length] ?? "")).toArray();
  for (const [i, { vector }] of batched.entries()) assert.deepEqual(vector, vectors[i % TEXTS.length]);
  const sizes = batched.map(({ togetherWith }) => togetherWith).sort((a, b) => a - b);
  assert.deepEqual(sizes, [...Array(4).fill(4), ...Array(16).fill(8)]);
  console.log("20 texts came to Python in 3 batches");

  // Sixteen at once in one container.
  assert.deepEqual(await fetched.map(Array.from({ length: 16 }, () => TEXTS)).toArray(), Array(16).fill(4));

  // Stored, and read later.
  const call = await embed.spawn("kept for later");
  assert.equal((await call.get()).length, 256);

  // What Python raises comes with its name and its traceback.
  await assert.rejects(embed.withOptions({ retries: 0 }).remote("..."), (error: unknown) => {
    assert(error instanceof RemoteError);
    assert.equal(error.name, "ValueError");
    assert.equal(error.message, "a text without words has no direction");
    assert.match(error.stack ?? "", /File "embed\.py", line \d+, in embed/);
    return true;
  });
});
