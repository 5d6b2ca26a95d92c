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

let left = 0;

/** Has no end. Each number comes with the time at which it was made, and with how many readers had left before. */
export const count = app.function({ maxContainers: 1, scaledownWindow: "10s" }, async function* (from: number) {
  try {
    for (let n = from; ; n++) yield { n, madeAtMs: Date.now(), left };
  } finally {
    left += 1;
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
  const allAtMs = performance.now() - startedAtMs;
  assert(allAtMs - firstAtMs > 80, `all words came within ${allAtMs - firstAtMs} ms, so none came before it was time`);

  // At most 64 values are on their way: it waits for one who reads slowly. Leaving the loop ends it, in the container too.
  let pausedUntilMs = 0;
  const numbers: number[] = [];
  for await (const { n, madeAtMs, left: before } of count.remoteGen(10)) {
    if (numbers.push(n) === 1) {
      await delay(500);
      pausedUntilMs = Date.now();
    }
    assert.equal(before, 0);
    if (numbers.length > 100) assert(madeAtMs >= pausedUntilMs, `number ${n} was made before it was asked for`);
    if (numbers.length === 1_000) break;
  }
  assert.equal(numbers.at(-1), 1_009);

  // Its `finally` has run there.
  for await (const { left: before } of count.remoteGen(0)) {
    assert.equal(before, 1);
    break;
  }

  console.log(`${words.length} words and ${numbers.length} numbers came one by one`);
});
