/**
 * A generator streams: each value reaches the caller as it is yielded, and one who reads slowly slows the generator
 * down: `bellows run examples/streaming/streaming.ts`.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { App } from "@bellows/sdk";

export const app = new App("streaming");

const TEXT = "The quick brown fox jumps over the lazy dog";

export const tell = app.function({ maxContainers: 1, scaledownWindow: "2s" }, async function* (text: string) {
  for (const word of text.split(" ")) {
    await delay(20);
    yield word;
  }
});

export const count = app.function({ maxContainers: 1, scaledownWindow: "2s" }, async function* (from: number) {
  try {
    for (let n = from; ; n++) yield n;
  } finally {
    console.log("nobody listens any more");
  }
});

app.entrypoint(async () => {
  const words: string[] = [];
  const startedAtMs = performance.now();
  let firstAtMs = 0;
  for await (const word of tell.remoteGen(TEXT)) {
    if (words.push(word) === 1) firstAtMs = performance.now() - startedAtMs;
  }
  assert.equal(words.join(" "), TEXT);
  assert(firstAtMs < performance.now() - startedAtMs, "the first word came before the last");

  // It has no end; leaving the loop ends it, in the container too.
  const numbers: number[] = [];
  for await (const n of count.remoteGen(10)) {
    numbers.push(n);
    if (numbers.length === 1_000) break;
  }
  assert.equal(numbers.at(-1), 1_009);

  console.log(`${words.length} words and ${numbers.length} numbers came one by one`);
});
