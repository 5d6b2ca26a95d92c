import { expect, test } from "vitest";
import { argumentsFromJson, argumentsFromWords } from "./arguments.ts";
import { UsageError } from "./usage-error.ts";

test("words are JSON where they are JSON, and text otherwise", () => {
  expect(argumentsFromWords(["3", "true", '{"a":[1]}', '"x"', "x", "[1", ""])).toEqual([
    3,
    true,
    { a: [1] },
    "x",
    "x",
    "[1",
    "",
  ]);
});

test("--args is an array of arguments, or wrong usage that says what to write", () => {
  expect(argumentsFromJson('["a", 1]')).toEqual(["a", 1]);
  expect(() => argumentsFromJson("{a:1}")).toThrow(UsageError);
  expect(() => argumentsFromJson('"a"')).toThrow(`write one entry per argument: --args '["a"]'`);
});
