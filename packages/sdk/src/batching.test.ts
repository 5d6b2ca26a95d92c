/** Pools with other batches: what is sent for them, and who is refused. */
import { definitionsOf } from "@bellows/protocol/definitions";
import { setRuntimeContext } from "@bellows/protocol/runtime-context";
import { afterEach, beforeEach, expect, test } from "vitest";
import { App } from "./app.ts";
import { Bellows } from "./bellows.ts";
import { answering, FakeOrchestrator, TOKEN } from "./testing/fake-orchestrator.ts";

const app = new App("pages");
const batched = { maxBatchSize: 8, waitMs: 10 };
const embed = app.function({ batched }, async (texts: string[]) => texts.map((text) => text.length));
const plain = app.function(async (text: string) => text.length);
const stream = app.function(async function* (text: string) {
  yield text;
});
definitionsOf({ app, embed, plain, stream });

let server: FakeOrchestrator;
beforeEach(async () => {
  server = await new FakeOrchestrator(answering((text: string) => text.length)).start();
  const here = { url: server.url, token: TOKEN };
  setRuntimeContext({ connection: here, environment: "main", appName: null, currentInput: () => undefined });
});
afterEach(async () => {
  setRuntimeContext({ connection: null, environment: "main", appName: null, currentInput: () => undefined });
  await server.stop();
});

const pools = () => server.framesOf("open").map(({ pool }) => pool?.settings ?? null);

test("other batches are a pool of its own, also of a handle by its name, and add up with other settings", async () => {
  expect(await embed.remote("abc")).toBe(3);
  expect(await embed.withBatching({ maxBatchSize: 2, waitMs: 0 }).with({}).remote("abc")).toBe(3);
  await embed.withConcurrency({ maxInputs: 4 }).withBatching({ maxBatchSize: 2, waitMs: 5 }).remote("abc");
  const bellows = new Bellows();
  await bellows.functions
    .fromName<typeof embed>("pages", "embed")
    .withBatching({ maxBatchSize: 1, waitMs: 0 })
    .remote("a");
  await bellows.close();
  expect(pools()).toEqual([
    null,
    { batched: { maxBatchSize: 2, waitMs: 0 } },
    { batched: { maxBatchSize: 2, waitMs: 5 }, maxInputs: 4, targetInputs: 4 },
    { batched: { maxBatchSize: 1, waitMs: 0 } },
  ]);
});

test.each<[string, () => unknown, string]>([
  [
    "a function that is not batched",
    // @ts-expect-error It takes one input at a time.
    () => plain.withBatching(batched),
    "batched: the function takes one input at a time",
  ],
  // @ts-expect-error A generator is not batched.
  ["a generator", () => stream.withBatching(batched), 'withBatching: "stream" of app "pages" is a generator'],
  // @ts-expect-error What is missing is how.
  ["no batching", () => embed.withBatching(), "withBatching: say how large batches are"],
  ["batches of none", () => embed.withBatching({ maxBatchSize: 0, waitMs: 0 }), "batched.maxBatchSize: 0 is below 1"],
  [
    "a misspelt wait",
    // @ts-expect-error There is no such option.
    () => embed.withBatching({ maxBatchSize: 2, wait: 5 }),
    "batched.waitMs: undefined is not a number",
  ],
])("%s is refused", (_, make, reason) => {
  expect(make).toThrowError(expect.objectContaining({ code: "INVALID", message: expect.stringContaining(reason) }));
});
