/**
 * Every way to call a function, one after the other, each checked: `bellows run examples/calling/calling.ts`.
 * `from-outside.mjs` calls the same functions without holding their code.
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

export const app = new App("calling");

const options = { maxContainers: 2, scaledownWindow: "5s" } as const;

export const divide = app.function(options, async (a: number, b: number) => {
  if (b === 0) throw new RangeError(`${a} cannot be divided by zero`);
  return a / b;
});

export const nap = app.function(options, async (ms: number) => {
  await delay(ms, undefined, { signal: currentSignal() });
  return ms;
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
  await divide.forEach([6, 8], [3, 4]);

  // What the function throws arrives with its name and message, and where it ran.
  const error: unknown = await divide.remote(1, 0).catch((thrown: unknown) => thrown);
  assert(error instanceof RemoteError);
  assert.deepEqual([error.name, error.message], ["RangeError", "1 cannot be divided by zero"]);
  assert.equal(error.attempts, 1);

  // The first error ends a map; or it takes the place of its result.
  await assert.rejects(divide.map([6, 1], [3, 0]).toArray(), RemoteError);
  const outcomes = await divide.map([6, 1], [3, 0], { returnExceptions: true }).toArray();
  assert.equal(outcomes[0], 2);
  assert(outcomes[1] instanceof RemoteError);

  // Stored, to be asked for later, from any program that has its id.
  const call = await nap.spawn(500);
  await assert.rejects(call.get({ timeout: 0 }), TimeoutError);
  assert.equal(await FunctionCall.fromId<number>(call.id).get({ timeout: "1m" }), 500);
  assert.equal((await call.status()).state, "succeeded");

  // Several at once; and twice with one key, which makes one call.
  assert.deepEqual(await FunctionCall.gather(await nap.spawn(10), await divide.spawn(6, 3)), [10, 2]);
  const once = nap.with({ idempotencyKey: `nap-${call.id}` });
  assert.equal((await once.spawn(10)).id, (await once.spawn(10)).id);

  // In containers of their own, with other options.
  const impatient = nap.withOptions({ timeout: "1s", retries: 0 });
  await assert.rejects(impatient.remote(5_000), FunctionTimeoutError);
  const crowded = nap.withConcurrency({ maxInputs: 10 });
  assert.deepEqual(await crowded.map(Array(10).fill(100)).toArray(), Array(10).fill(100));
  assert.equal((await nap.stats()).backlog, 0);

  // Cancelled by its handle; or by a signal.
  const long = await nap.spawn(60_000);
  await long.cancel();
  await assert.rejects(long.get(), CancelledError);
  await assert.rejects(nap.with({ signal: AbortSignal.timeout(200) }).remote(60_000), CancelledError);

  console.log("every verb did what it says");
});
