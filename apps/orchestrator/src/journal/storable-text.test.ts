import { expect, test } from "vitest";
import { storableJson, storableText } from "./storable-text.ts";

test("what Postgres cannot hold is replaced by a mark, and nothing else changes", () => {
  expect(storableText("a\0b")).toBe("a\uFFFDb");
  expect(storableText("half \ud83d of a pair")).toBe("half \uFFFD of a pair");
  expect(storableText("whole 😀 and é")).toBe("whole 😀 and é");
});

test("JSON is cleaned in its strings only", () => {
  expect(storableJson({ message: "nul \0", path: "\\u0000", count: 1, none: null })).toBe(
    '{"message":"nul \uFFFD","path":"\\\\u0000","count":1,"none":null}',
  );
});
