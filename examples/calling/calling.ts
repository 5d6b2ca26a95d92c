/**
 * Every way to call a function, one after the other, each checked: `bellows run examples/calling/calling.ts`. `map` has
 * an example of its own, and so has `spawnMap`; `from-outside.mjs` calls these functions without holding their code.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import {
  App,
  CancelledError,
  currentSignal,
  FunctionCall,
  FunctionTimeoutError,
  RemoteError,
  TimeoutError,
} from "@bellows/sdk";
import { until } from "../until.ts";

export const app = new App("calling");

const options = { maxContainers: 2, scaledownWindow: "5s" } as const;

export const divide = app.function(options, async (a: number, b: number) => {
  if (b === 0) throw new RangeError(`${a} cannot be divided by zero`);
  return a / b;
});

export const nap = app.function(options, async (ms: number) => {
  console.log(`sleeping for ${ms} ms`);
  await delay(ms, undefined, { signal: currentSignal() });
  return ms;
});

/** Does not listen to its signal. */
export const deepSleep = app.function(options, async (ms: number) => {
  await delay(ms);
});

let guests = 0;

/** How many inputs its container works on at once. */
export const meet = app.function(options, async () => {
  guests += 1;
  await delay(300);
  return guests--;
});

app.entrypoint(async () => {
  // In a container, waiting for the result; or in this process.
  assert.equal(await divide.remote(6, 3), 2);
  assert.equal(await divide.local(6, 3), 2);

  // Over lists: results in the order of the inputs, each as soon as it and those before it are there.
  const quotients: number[] = [];
  for await (const quotient of divide.map([6, 8, 10], [3, 4, 5])) quotients.push(quotient);
  assert.deepEqual(quotients, [2, 2, 2]);

  // Arguments as tuples; or without results, for the effect alone.
  assert.deepEqual(
    await divide
      .starmap([
        [6, 3],
        [8, 2],
      ])
      .toArray(),
    [2, 4],
  );
  assert.equal(await divide.forEach([6, 8], [3, 4]), undefined);

  // What the function throws arrives with its name and message, and where it ran.
  const error: unknown = await divide.remote(1, 0).catch((thrown: unknown) => thrown);
  assert(error instanceof RemoteError);
  assert.deepEqual([error.name, error.message], ["RangeError", "1 cannot be divided by zero"]);
  assert.equal(error.attempts, 1);
  assert.match(error.stack ?? "", /calling\.ts/);

  // The first error ends a map; or it takes the place of its result.
  await assert.rejects(divide.map([6, 1], [3, 0]).toArray(), RemoteError);
  const outcomes = await divide.map([6, 1], [3, 0], { returnExceptions: true }).toArray();
  assert.equal(outcomes[0], 2);
  assert(outcomes[1] instanceof RemoteError);

  // Stored, to be asked for later, from any program that has its id; again and again.
  const call = await nap.spawn(500);
  await assert.rejects(call.get({ timeout: 0 }), TimeoutError);
  await assert.rejects(call.get({ signal: AbortSignal.timeout(1) }), CancelledError);
  const same = FunctionCall.fromId<number>(call.id);
  assert.equal(await same.get({ timeout: "1m" }), 500);
  assert.equal(await call.get(), 500);
  await until("the call has ended", async () => (await same.status()).state === "succeeded");
  assert.equal((await call.status()).counts.succeeded, 1);
  await until("its line is in the log", async () => (await linesOf(same)).join() === "sleeping for 500 ms");

  // Several at once; and twice with one key, which makes one call: the arguments of the second are not looked at.
  assert.deepEqual(await FunctionCall.gather(await nap.spawn(10), await divide.spawn(6, 3)), [10, 2]);
  const once = divide.with({ idempotencyKey: `order-${call.id}` });
  assert.equal((await once.spawn(6, 3)).id, (await once.spawn(8, 2)).id);
  assert.deepEqual([await once.remote(8, 2), await divide.remote(8, 2)], [2, 4]);

  // In containers of their own, with other options; the handle itself stays as it was.
  const impatient = nap.withOptions({ timeout: "1s", retries: 0 });
  await assert.rejects(impatient.remote(5_000), FunctionTimeoutError);
  assert.equal(await nap.remote(1_100), 1_100);
  const crowded = meet.withConcurrency({ maxInputs: 10 });
  assert(Math.max(...(await crowded.starmap(Array<[]>(10).fill([])).toArray())) > 1, "they met");
  assert.deepEqual(await meet.starmap([[], [], []]).toArray(), [1, 1, 1]);

  // Cancelled by its handle; or by a signal. What runs is seen in the numbers.
  const long = await nap.spawn(60_000);
  await until("it runs", async () => (await nap.stats()).numRunningInputs === 1);
  assert((await nap.stats()).numTotalContainers >= 1);
  assert.equal((await nap.stats()).backlog, 0);
  await long.cancel();
  await assert.rejects(long.get(), CancelledError);
  await assert.rejects(nap.with({ signal: AbortSignal.timeout(200) }).remote(60_000), CancelledError);

  // Who does not listen to the signal has five seconds; or none, when the container is ended.
  const deaf = await deepSleep.spawn(60_000);
  await until("it runs", async () => (await deepSleep.stats()).numRunningInputs === 1);
  const cancelledAtMs = performance.now();
  await deaf.cancel({ terminateContainers: true });
  await assert.rejects(deaf.get(), CancelledError);
  assert(performance.now() - cancelledAtMs < 4_000, "its container was ended");

  console.log("every verb did what it says");
});

async function linesOf(call: FunctionCall<number>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { text } of call.logs()) lines.push(text);
  return lines;
}
