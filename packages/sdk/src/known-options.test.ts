import { expect, test } from "vitest";
import { Bellows } from "./bellows.ts";

const fn = new Bellows({ url: "http://127.0.0.1:1", token: "none" }).functions.fromName("math", "double");

test.each<[string, () => unknown, RegExp]>([
  ["with", () => fn.with(JSON.parse('{"idempotencykey":"x"}')), /with: there is no option "idempotencykey"/],
  ["map", () => fn.map([1], JSON.parse('{"order":false}')), /map: there is no option "order"; the options are ordered/],
  ["starmap", () => fn.starmap([[1]], JSON.parse('{"order":false}')), /starmap: there is no option "order"/],
])("%s refuses an option that does not exist", (_verb, call, message) => {
  expect(call).toThrow(message);
});

test("forEach and spawnMap refuse it as the promises that they are", async () => {
  await expect(fn.forEach([1], JSON.parse('{"returnExceptions":true}'))).rejects.toThrow(/the options are ignoreExc/);
  await expect(fn.spawnMap([1], JSON.parse('{"from":1}'))).rejects.toThrow(/spawnMap: there is no option "from"/);
});
