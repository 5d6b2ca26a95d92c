/** Batches that the server forms, on a real stack: their sizes, their waits, their failures. */
import { Bellows, InvalidError, RemoteError } from "@bellows/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import type * as batches from "../fixtures/batches.ts";
import { type Stack, startStack } from "./stack.ts";

let stack: Stack;
let bellows: Bellows;

beforeAll(async () => {
  stack = await startStack();
  bellows = new Bellows({ url: stack.url, token: stack.token });
  expect(await stack.bellows(["deploy", "e2e/fixtures/batches.ts"])).toMatchObject({ code: 0 });
}, 240_000);

afterAll(async () => {
  await bellows?.close();
  expect(await stack?.stop()).toBe(0);
}, 60_000);

function named<K extends Exclude<keyof typeof batches, "app" | "Model" | "Doubled">>(name: K) {
  return bellows.functions.fromName<(typeof batches)[K]>("batches", name);
}

function numbers(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

it("a map is cut into full batches, in the order of its inputs, and its last one does not wait", async () => {
  await named("double").remote(0);
  const startedAtMs = performance.now();
  const results = await named("double").map(numbers(20)).toArray();
  expect(results.map(({ double }) => double)).toEqual(numbers(20).map((number) => 2 * number));
  expect(results.map(({ together }) => together)).toEqual([...Array(16).fill(8), ...Array(4).fill(4)]);
  expect(performance.now() - startedAtMs).toBeLessThan(300);
});

it("a lone call does not wait for company", async () => {
  await named("double").remote(0);
  const startedAtMs = performance.now();
  for (const number of numbers(20)) {
    expect(await named("double").remote(number)).toEqual({ double: 2 * number, together: 1 });
  }
  // One after the other: waiting 300 ms each would take six seconds.
  expect(performance.now() - startedAtMs).toBeLessThan(1_500);
});

it("calls of many callers that come while a batch runs go out together", async () => {
  const slow = named("slow");
  await slow.remote(0);
  const results = await Promise.all(numbers(16).map((number) => slow.remote(number)));
  expect(results.map(({ double }) => double)).toEqual(numbers(16).map((number) => 2 * number));
  expect(Math.max(...results.map(({ together }) => together))).toBe(8);
});

it("one throw fails its batch, and no other", async () => {
  const divide = named("divide");
  const results = await divide
    .map([8, -1, 6, 4, 9, 10, 12, 14], Array(8).fill(2), { returnExceptions: true })
    .toArray();
  for (const failed of results.slice(0, 4)) {
    expect(failed).toBeInstanceOf(RemoteError);
    expect(failed).toMatchObject({ name: "RangeError", message: "a negative dividend" });
  }
  expect(results.slice(4)).toEqual([4.5, 5, 6, 7]);
});

it("a handler that returns another number of elements is told both numbers", async () => {
  const results = await named("divide").map([0, 1, 2], [1, 1, 1], { returnExceptions: true }).toArray();
  for (const failed of results) {
    expect(failed).toBeInstanceOf(InvalidError);
    expect(failed).toMatchObject({ message: expect.stringMatching(/\b2\b.*\b3\b|\b3\b.*\b2\b/s) });
  }
});

it("methods of a class are batched, and a handle can have batches of its own", async () => {
  const model = bellows.classes.fromName<typeof batches.Model>("batches", "Model").instance();
  const results = await model.add.map(numbers(10)).toArray();
  expect(results.map(({ double }) => double)).toEqual(numbers(10, 100));
  expect(Math.max(...results.map(({ together }) => together))).toBe(8);
  const small = named("double").withBatching({ maxBatchSize: 2, waitMs: 0 });
  expect((await small.map(numbers(6)).toArray()).map(({ together }) => together)).toEqual(Array(6).fill(2));
});

it("as many batches run in a container as `concurrent` says", async () => {
  const results = await named("paired").map(numbers(8)).toArray();
  const [first, second] = [results.slice(0, 4), results.slice(4)].map((batch) => [...new Set(batch)]);
  expect([first?.length, second?.length]).toEqual([1, 1]);
  const [[one, oneBegunMs], [other, otherBegunMs]] = [first?.[0] ?? "", second?.[0] ?? ""].map((text) =>
    text.split(" "),
  ) as [string[], string[]];
  expect(one).toBe(other);
  expect(Math.abs(Number(oneBegunMs) - Number(otherBegunMs))).toBeLessThan(400);
});
