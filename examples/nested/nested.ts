/**
 * Functions call functions, also themselves. The console shows the calls as a tree, and a cancelled call cancels those
 * it waits for: `bellows run examples/nested/nested.ts`.
 */
import assert from "node:assert/strict";
import { App, currentCallId } from "@bellows/sdk";

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

app.entrypoint(async () => {
  const { sum, callId } = await sumOfSquares.remote([1, 2, 3, 4]);
  assert.equal(sum, 30);
  assert(callId, "a function knows the call it works for");
  assert.equal(await total.remote([1, 2, 3, 4, 5, 6, 7, 8]), 36);
  console.log("the sums are right");
});
