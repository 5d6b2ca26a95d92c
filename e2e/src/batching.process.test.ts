/** Batches and concurrent inputs on a real stack: the server forms them, containers run them, each caller gets its own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bellows, InvalidError, RemoteError } from "@bellows/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as batching from "../fixtures/batching.ts";
import { type Stack, startStack, until } from "./stack.ts";

let stack: Stack;
let bellows: Bellows;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellows-batching-"));
  stack = await startStack();
  bellows = new Bellows({ url: stack.url, token: stack.token });
  expect(await stack.bellows(["deploy", "e2e/fixtures/batching.ts"])).toMatchObject({ code: 0 });
}, 240_000);

afterAll(async () => {
  await bellows?.close();
  expect(await stack?.stop()).toBe(0);
  await rm(folder, { recursive: true, force: true });
}, 60_000);

function named<K extends Exclude<keyof typeof batching, "app" | "Scaler">>(name: K) {
  return bellows.functions.fromName<(typeof batching)[K]>("batching", name);
}

const words = Array.from({ length: 20 }, (_, n) => `word ${n}`);

describe("a batched function", () => {
  it("gets the inputs of a map in full batches, and each comes back in its place", async () => {
    const results = await named("together").map(words).toArray();
    expect(results.map(({ word }) => word)).toEqual(words);
    // All of them have come while the container started.
    expect(results.map(({ size }) => size)).toEqual([...Array(16).fill(8), ...Array(4).fill(4)]);
    const [first] = results;
    expect(first?.callId).toEqual(expect.any(String));
    expect(results.every(({ callId, inputId }) => callId === first?.callId && inputId === undefined)).toBe(true);
  });

  it("gets callers together who know nothing of each other, and its code then knows no call", async () => {
    const results = await Promise.all(words.slice(0, 8).map((word) => named("together").remote(word)));
    expect(results.map(({ word }) => word)).toEqual(words.slice(0, 8));
    const shared = results.filter(({ size }) => size > 1);
    expect(shared.length).toBeGreaterThan(0);
    for (const { callId, inputId } of shared) expect([callId, inputId]).toEqual([undefined, undefined]);
  });

  it("gets batches as a handle asks for them, in containers of its own", async () => {
    const alone = named("together").withBatching({ maxBatchSize: 1, waitMs: 0 });
    const results = await alone.map(words.slice(0, 3)).toArray();
    expect(results.map(({ size }) => size)).toEqual([1, 1, 1]);
    for (const [index, { callId, inputId }] of results.entries()) expect(inputId).toBe(`${callId}:${index}`);
  });

  it("fails a batch with one throw, and tries each of its inputs again", async () => {
    expect(await named("flaky").map(words.slice(0, 4)).toArray()).toEqual([2, 2, 2, 2]);
  });

  it("that returns too few says both lengths, and is not tried again", async () => {
    const [first, second] = await named("short").map(["a", "b"], { returnExceptions: true }).toArray();
    expect(first).toBeInstanceOf(InvalidError);
    expect(first).toMatchObject({
      message: expect.stringContaining("the batch had 2 inputs and the handler returned a list of 1"),
    });
    expect(second).toBeInstanceOf(InvalidError);
  });

  it("goes on for the one caller when the other is gone", async () => {
    const path = join(folder, "go");
    const controller = new AbortController();
    const leaving = named("held").with({ signal: controller.signal }).remote(path);
    const staying = named("held").remote(path);
    await until(async () => (await named("held").stats()).numRunningInputs === 2);
    controller.abort();
    await expect(leaving).rejects.toThrow();
    await until(async () => (await named("held").stats()).numRunningInputs === 1);
    await writeFile(path, "");
    expect(await staying).toBe(2);
  });

  it("runs so many batches at once as `concurrent` says", async () => {
    const results = await named("beside")
      .map(Array.from({ length: 12 }, (_, n) => n))
      .toArray();
    expect(Math.max(...results.map(({ most }) => most))).toBe(3);
    expect(results.every(({ size }) => size === 2)).toBe(true);
    const single = await named("beside").withConcurrency({ maxInputs: 1 }).map([1, 2, 3, 4]).toArray();
    expect(single.map(({ most }) => most)).toEqual([1, 1, 1, 1]);
  });

  it("is a class's method, too, with batches for each set of constructor arguments", async () => {
    const Scaler = bellows.classes.fromName<typeof batching.Scaler>("batching", "Scaler");
    const [twice, thrice] = await Promise.all([
      Scaler.instance(2).scale.map([1, 2, 3]).toArray(),
      Scaler.instance(3).scale.map([1, 2, 3, 4]).toArray(),
    ]);
    expect(twice).toEqual([3, 5, 7].map((scaled) => ({ scaled, size: 3 })));
    expect(thrice).toEqual([4, 7, 10, 13].map((scaled) => ({ scaled, size: 4 })));
  });
});

describe("a function with concurrent inputs", () => {
  it("has so many at once in one container, and as many as a handle asks for in another", async () => {
    expect(Math.max(...(await named("crowd").map(words.slice(0, 6)).toArray()))).toBe(3);
    const two = named("crowd").withConcurrency({ maxInputs: 2 });
    expect(Math.max(...(await two.map(words.slice(0, 6)).toArray()))).toBe(2);
  });

  it("has logs and errors of each input apart", async () => {
    const names = ["good 0", "bad 1", "good 2", "bad 3"];
    const call = await named("crowd").spawnMap(names);
    const results = await call.results({ returnExceptions: true }).toArray();
    for (const [index, name] of names.entries()) {
      if (name.startsWith("good")) expect(results[index]).toEqual(expect.any(Number));
      else expect(results[index]).toMatchObject({ name: "RangeError", message: name, inputId: `${call.id}:${index}` });
    }
    expect(results[1]).toBeInstanceOf(RemoteError);
    const lines: [number | null, string][] = [];
    await until(async () => {
      lines.length = 0;
      for await (const { index, text } of call.logs()) lines.push([index, text]);
      return lines.length === names.length;
    });
    expect(lines.sort(([a], [b]) => Number(a) - Number(b))).toEqual(
      names.map((name, index) => [index, `${name} leaves`]),
    );
  });
});
