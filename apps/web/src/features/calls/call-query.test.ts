import { expect, test } from "vitest";
import { callQueryOf, isFiltered } from "./call-query.ts";

const MINUTE_MS = Date.UTC(2026, 2, 1, 14, 5);

test("the last hour moves with the present, fixed times do not", () => {
  expect(callQueryOf({ since: "1h" }, {}, MINUTE_MS)).toMatchObject({
    fromMs: MINUTE_MS - 3_600_000,
    toMs: undefined,
  });
  expect(callQueryOf({ fromMs: 5, toMs: 9 }, {}, MINUTE_MS)).toMatchObject({ fromMs: 5, toMs: 9 });
});

test("names have become ids, the rest is passed on as it stands", () => {
  expect(
    callQueryOf({ app: "pages", function: "ocr", state: "failed", search: "0199" }, { functionId: "f" }, 0),
  ).toEqual({
    functionId: "f",
    state: "failed",
    kind: undefined,
    search: "0199",
    parentId: undefined,
    fromMs: undefined,
    toMs: undefined,
  });
});

test("a list without a filter is not filtered", () => {
  expect(isFiltered({ app: undefined, search: undefined })).toBe(false);
  expect(isFiltered({ search: "ocr" })).toBe(true);
});
