/** Batches that the server forms, and concurrent inputs, on a real stack: sizes, waits, failures, and whose is what. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InvalidError, RemoteError } from "@bellows/sdk";
import { expect, it } from "vitest";
import type * as batches from "../fixtures/batches.ts";
import { deployed } from "./deployed.ts";
import { until } from "./stack.ts";

const fixture = deployed("batches");

function named<K extends Exclude<keyof typeof batches, "app" | "Model" | "Doubled">>(name: K) {
  return fixture.bellows.functions.fromName<(typeof batches)[K]>("batches", name);
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

it("a batch that others may join waits for them as long as `waitMs`, and no longer", async () => {
  await named("timed").remote(0);
  let sentAtMs = 0;
  let firstIsBack = () => {};
  async function* source() {
    sentAtMs = Date.now();
    yield 1;
    // The source has not ended: for all that is known, more come.
    await new Promise<void>((resolve) => {
      firstIsBack = resolve;
    });
  }
  const results: Awaited<ReturnType<(typeof batches)["timed"]["remote"]>>[] = [];
  for await (const result of named("timed").map(source())) {
    results.push(result);
    firstIsBack();
  }
  expect(results).toEqual([{ together: 1, begunAtMs: expect.any(Number) }]);
  const waitedMs = (results[0]?.begunAtMs ?? 0) - sentAtMs;
  expect(waitedMs).toBeGreaterThanOrEqual(990);
  expect(waitedMs).toBeLessThan(1_500);
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
  const model = fixture.bellows.classes.fromName<typeof batches.Model>("batches", "Model").instance();
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

it("a batch of one call knows it, one of several knows none, and one of one its input", async () => {
  const names = ["a", "b", "c"];
  const ofOne = await named("known").map(names).toArray();
  expect(ofOne[0]).toMatchObject({ together: 3, callId: expect.any(String) });
  for (const each of ofOne) expect(each).toEqual({ together: 3, callId: ofOne[0]?.callId, inputId: undefined });
  const alone = await named("known").withBatching({ maxBatchSize: 1, waitMs: 0 }).map(names).toArray();
  for (const [index, { callId, inputId }] of alone.entries()) expect(inputId).toBe(`${callId}:${index}`);
  const ofMany = await Promise.all(numbers(16).map((number) => named("known").remote(`${number}`)));
  const mixed = ofMany.filter(({ together }) => together > 1);
  expect(mixed.length).toBeGreaterThan(0);
  for (const { callId, inputId } of mixed) expect([callId, inputId]).toEqual([undefined, undefined]);
});

it("inputs of a batch that has failed are tried again", async () => {
  expect(await named("flaky").map(["a", "b", "c", "d"]).toArray()).toEqual([2, 2, 2, 2]);
});

it("a batch goes on for the one caller when the other is gone", async () => {
  const held = named("held");
  const path = join(fixture.folder, "go");
  const controller = new AbortController();
  const leaving = held.with({ signal: controller.signal }).remote(path);
  const staying = held.remote(path);
  await until(async () => (await held.stats()).numRunningInputs === 2);
  controller.abort();
  await expect(leaving).rejects.toThrow();
  await until(async () => (await held.stats()).numRunningInputs === 1);
  await writeFile(path, "");
  expect(await staying).toBe(2);
});

it("so many inputs run in a container as `concurrent` says, or as a handle asks for", async () => {
  expect(Math.max(...(await named("crowd").map(numbers(6).map(String)).toArray()))).toBe(3);
  const two = named("crowd").withConcurrency({ maxInputs: 2 });
  expect(Math.max(...(await two.map(numbers(6).map(String)).toArray()))).toBe(2);
});

it("a container takes inputs above its target, up to its max, while and after another one starts", async () => {
  const burst = named("burst");
  const path = join(fixture.folder, "burst");
  // Held from the first on: no run has ended, so nothing says that another container could not help.
  const first = burst.remote(path);
  await until(async () => (await burst.stats()).numRunningInputs === 1);
  const next = burst.map(Array(5).fill(path)).toArray();
  await until(async () => (await burst.stats()).numRunningInputs === 6);
  const last = burst.map(Array(8).fill(path)).toArray();
  await until(async () => (await burst.stats()).numRunningInputs === 12);
  expect(await burst.stats()).toEqual({ backlog: 2, numTotalContainers: 2, numRunningInputs: 12 });
  await writeFile(path, "");
  const { container, together } = await first;
  expect(await next).toEqual([2, 3, 4, 5, 6].map((nth) => ({ container, together: nth })));
  expect(together).toBe(1);
  const others = (await last).filter((result) => result.container !== container);
  expect(others.slice(0, 6).map((result) => result.together)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(new Set(others.map((result) => result.container)).size).toBe(1);
});

it("logs and errors of concurrent inputs are told apart", async () => {
  const names = ["good 0", "bad 1", "good 2", "bad 3"];
  const call = await named("crowd").spawnMap(names);
  const results = await call.results({ returnExceptions: true }).toArray();
  for (const [index, name] of names.entries()) {
    if (name.startsWith("good")) expect(results[index]).toEqual(expect.any(Number));
    else expect(results[index]).toMatchObject({ name: "RangeError", message: name, inputId: `${call.id}:${index}` });
  }
  let lines: [number | null, string][] = [];
  await until(async () => {
    lines = [];
    for await (const { index, text } of call.logs()) lines.push([index, text]);
    return lines.length === names.length;
  });
  expect(lines.sort(([a], [b]) => Number(a) - Number(b))).toEqual(
    names.map((name, index) => [index, `${name} leaves`]),
  );
});
