/** `kill -9` of the orchestrator in the middle of a map: containers carry on, every input gets exactly one output, the map completes. */
import { Bellows } from "@bellows/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import type * as faults from "../fixtures/faults.ts";
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

async function containers(): Promise<{ id: string; state: string }[]> {
  const { stdout } = await stack.bellows(["container", "list", "--json"]);
  return stdout
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line));
}

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
    before = (await containers()).filter(({ state }) => state === "ready").map(({ id }) => id);
    process.kill(await stack.pidOf("orchestrator"), "SIGKILL");
  }
  expect(results).toEqual(indexes);
  await stack.ready();
  const after = (await containers()).map(({ id }) => id);
  expect(before.length).toBeGreaterThan(0);
  for (const id of before) expect(after).toContain(id);

  const { stdout } = await stack.bellows(["call", "list", "--json"]);
  const [call] = stdout
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line));
  await until(async () => (await stack.bellows(["call", "show", call.id, "--json"])).stdout.includes('"succeeded"'));
  expect(call).toMatchObject({ inputCount: INPUTS });
}, 180_000);

it("a spawned call that was accepted before the death is finished after it", async () => {
  const slowly = bellows.functions.fromName<typeof faults.slowly>("faults", "slowly");
  const calls = await Promise.all([1, 2, 3].map((index) => slowly.spawn(index, 1_500)));
  process.kill(await stack.pidOf("orchestrator"), "SIGKILL");
  expect(await Promise.all(calls.map((call) => call.get()))).toEqual([1, 2, 3]);
}, 120_000);
