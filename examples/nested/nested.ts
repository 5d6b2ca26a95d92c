/**
 * Functions call functions: of their own app, themselves, and those of another app. The console shows the calls as a
 * tree, and a cancelled call cancels those it waits for: `bellows deploy examples/calling/calling.ts`, then
 * `bellows run examples/nested/nested.ts`.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { App, Bellows, CancelledError, currentCallId, currentSignal, FunctionCall } from "@bellows/sdk";
// Only its types: the code stays where it is deployed.
import type * as calling from "../calling/calling.ts";
import { until } from "../until.ts";

export const app = new App("nested");

/** Every level of a sum that is waited for holds a slot: there must be more slots than levels. */
const options = { maxContainers: 2, concurrent: { maxInputs: 32 }, scaledownWindow: "2s" } as const;

export const square = app.function(options, async (n: number) => n * n);

export const sumOfSquares = app.function(options, async (numbers: number[]) => {
  let sum = 0;
  for await (const squared of square.map(numbers)) sum += squared;
  return { sum, callId: currentCallId() };
});

/** Halves the list until one number is left. */
export const total = app.function(options, async (numbers: number[]): Promise<number> => {
  if (numbers.length <= 1) return numbers[0] ?? 0;
  const middle = numbers.length >> 1;
  const halves = await Promise.all([total.remote(numbers.slice(0, middle)), total.remote(numbers.slice(middle))]);
  return halves[0] + halves[1];
});

/** Calls a function of another app, by its name. */
export const mean = app.function(options, async (numbers: number[]) => {
  const divide = new Bellows().functions.fromName<typeof calling.divide>("calling", "divide");
  return divide.remote(await total.remote(numbers), numbers.length);
});

export const nap = app.function(options, async (ms: number) => delay(ms, ms, { signal: currentSignal() }));

/** Waits for one call, and leaves another behind. */
export const launch = app.function(options, async () => {
  const left = await nap.spawn(2_000);
  console.log(left.id);
  await nap.remote(600_000);
});

app.entrypoint(async () => {
  const call = await sumOfSquares.spawn([1, 2, 3, 4]);
  // A function knows the call it works for.
  assert.deepEqual(await call.get(), { sum: 30, callId: call.id });
  assert.equal(await total.remote([1, 2, 3, 4, 5, 6, 7, 8]), 36);
  assert.equal(await mean.remote([1, 2, 3, 4]), 2.5);

  // Cancelled, it takes along the call that it waits for; what it has spawned goes on.
  const launched = await launch.spawn();
  await until("both calls run", async () => (await nap.stats()).numRunningInputs === 2);
  let leftId = "";
  await until("it has said what it leaves behind", async () => {
    for await (const { text } of launched.logs()) leftId = text;
    return leftId !== "";
  });
  await launched.cancel();
  await assert.rejects(launched.get(), CancelledError);
  assert.equal(await FunctionCall.fromId<number>(leftId).get(), 2_000);
  await until("the other one has ended", async () => (await nap.stats()).numRunningInputs === 0);

  console.log("the sums are right");
});
