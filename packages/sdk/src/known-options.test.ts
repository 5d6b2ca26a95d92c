import { newId } from "@bellows/protocol/ids";
import { expect, test } from "vitest";
import { App } from "./app.ts";
import { Bellows } from "./bellows.ts";
import { FunctionCall } from "./function-call.ts";

const bellows = new Bellows({ url: "http://127.0.0.1:1", token: "none" });
const fn = bellows.functions.fromName("math", "double");

test.each<[string, () => unknown, RegExp]>([
  ["with", () => fn.with(JSON.parse('{"idempotencykey":"x"}')), /with: there is no option "idempotencykey"/],
  ["map", () => fn.map([1], JSON.parse('{"order":false}')), /map: there is no option "order"; the options are ordered/],
  ["starmap", () => fn.starmap([[1]], JSON.parse('{"order":false}')), /starmap: there is no option "order"/],
])("%s refuses an option that does not exist", (_verb, call, message) => {
  expect(call).toThrow(message);
});

test.each<[string, () => unknown, RegExp]>([
  [
    "with",
    () => fn.with(JSON.parse("5")),
    /^with: 5 is not an object of options; the options are signal, idempotencyKey$/,
  ],
  ["starmap", () => fn.starmap([[1]], JSON.parse("5")), /starmap: 5 is not an object of options/],
  ["map", () => fn.map([1], JSON.parse('{"signal":5}')), /map: signal is not an AbortSignal/],
  ["results", () => bellows.calls.mapFromId(newId()).results(JSON.parse('{"index":5}')), /no option "index"/],
])("%s refuses what are no options", (_verb, call, message) => {
  expect(call).toThrow(message);
});

test.each<[string, object]>([
  ["a function", fn],
  ["a class", bellows.classes.fromName("math", "Model")],
  ["a generator", new App("math").function({ name: "count" }, async function* () {})],
])("withConcurrency of %s without a number would be no pool of its own", (_what, handle) => {
  const withConcurrency = Reflect.get(handle, "withConcurrency");
  for (const given of [undefined, null, 8]) {
    expect(() => withConcurrency(given)).toThrow(
      /withConcurrency: say how many .*: withConcurrency\(\{ maxInputs: 8 \}\)/,
    );
  }
  expect(() => withConcurrency({})).toThrow(/maxInputs/);
});

test("a stored call refuses them, too, and gather what is no call", async () => {
  const call = bellows.calls.fromId(newId());
  await expect(call.get(JSON.parse('{"time":5}'))).rejects.toThrow(/get: there is no option "time"/);
  await expect(call.cancel(JSON.parse("true"))).rejects.toThrow(/cancel: true is not an object/);
  await expect(FunctionCall.gather(call, JSON.parse("5"))).rejects.toThrow(/item 1 of gather is not a call/);
});

test("forEach and spawnMap refuse it as the promises that they are", async () => {
  await expect(fn.forEach([1], JSON.parse('{"returnExceptions":true}'))).rejects.toThrow(/the options are ignoreExc/);
  await expect(fn.spawnMap([1], JSON.parse('{"from":1}'))).rejects.toThrow(/spawnMap: there is no option "from"/);
});
