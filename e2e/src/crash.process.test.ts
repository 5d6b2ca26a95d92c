/** `kill -9` of the orchestrator in the middle of a map: containers carry on, every input gets exactly one output, the map completes. */
import { Bellows } from "@bellows/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import type * as faults from "../fixtures/faults.ts";
import { call, containers, expectEveryInputOnce, newestCallId, readyContainerIds } from "./look.ts";
import { type Stack, startStack, until } from "./stack.ts";

const INPUTS = 400;
let stack: Stack;
let bellows: Bellows;

beforeAll(async () => {
  stack = await startStack();
  bellows = new Bellows({ url: stack.url, token: stack.token });
  expect(await stack.bellows(["deploy", "e2e/fixtures/faults.ts"])).toMatchObject({ code: 0 });
}, 240_000);

afterAll(async () => {
  await bellows?.close();
  expect(await stack?.stop()).toBe(0);
}, 60_000);

it("a map survives the orchestrator's death, and its containers are adopted", async () => {
  const slowly = bellows.functions.fromName<typeof faults.slowly>("faults", "slowly");
  const indexes = Array.from({ length: INPUTS }, (_, index) => index);
  const results: number[] = [];
  let before: string[] = [];
  let killed = false;
  for await (const result of slowly.map(
    indexes,
    indexes.map(() => 50),
  )) {
    results.push(result);
    if (killed || results.length < 20) continue;
    killed = true;
    before = await readyContainerIds(stack);
    process.kill(await stack.pidOf("orchestrator"), "SIGKILL");
  }
  expect(results).toEqual(indexes);
  await stack.ready();
  const after = (await containers(stack)).map(({ id }) => id);
  expect(before.length).toBeGreaterThan(0);
  for (const id of before) expect(after).toContain(id);

  const callId = await newestCallId(stack);
  // The caller has its results before the last of them is stored.
  await until(async () => (await call(stack, callId)).state !== "running");
  await expectEveryInputOnce(stack, callId, INPUTS);
}, 180_000);

it("a spawned call that was accepted before the death is finished after it", async () => {
  const slowly = bellows.functions.fromName<typeof faults.slowly>("faults", "slowly");
  const calls = await Promise.all([1, 2, 3].map((index) => slowly.spawn(index, 1_500)));
  process.kill(await stack.pidOf("orchestrator"), "SIGKILL");
  expect(await Promise.all(calls.map((call) => call.get()))).toEqual([1, 2, 3]);
}, 120_000);
