import { newId } from "@bellows/protocol/ids";
import { expect, test } from "vitest";
import {
  parseCallFilter,
  parseContainerFilter,
  parseFunctionTab,
  parseInputFrom,
  parseInputState,
  parseLoadSpan,
  parsePool,
} from "./filters.ts";
import { paths, safeNext } from "./paths.ts";

test("names are escaped, so a name can be no path of its own", () => {
  expect(paths.function({ app: "a/b", function: "x?y" })).toBe("/apps/a%2Fb/functions/x%3Fy");
});

test("one view has one address: what is not set, and the first tab, leave no trace", () => {
  expect(paths.calls({ app: undefined })).toBe("/calls");
  expect(paths.call("id", { tab: "inputs" })).toBe("/calls/id");
  expect(paths.function({ app: "a", function: "f" }, "overview")).toBe("/apps/a/functions/f");
  expect(paths.load({ app: "a", function: "f" }, "15m")).toBe(paths.function({ app: "a", function: "f" }, "load"));
  expect(paths.signIn("/")).toBe("/sign-in");
});

test("a filter survives the way through a URL", () => {
  const calls = {
    app: "pages",
    function: "ocr",
    state: "failed",
    kind: "map",
    search: "0199 & more",
    parent: newId(),
    since: "1h",
    fromMs: Date.UTC(2026, 2, 1, 14, 5),
    toMs: Date.UTC(2026, 2, 1, 14, 5, 30),
  } as const;
  expect(parseCallFilter(queryOf(paths.calls(calls)))).toEqual(calls);
  expect(paths.calls({ fromMs: calls.fromMs })).toBe("/calls?from=2026-03-01T14%3A05Z");
  expect(parseInputFrom(queryOf(paths.call("id", { from: 999_950 })))).toBe(999_950);
  const pool = newId();
  expect(parsePool(queryOf(paths.function({ app: "a", function: "f", pool }, "logs")))).toBe(pool);
  expect(parseLoadSpan(queryOf(paths.load({ app: "a", function: "f", pool }, "6h")))).toBe("6h");
  const containers = { app: "pages", function: "ocr", state: "ready", gone: true } as const;
  expect(parseContainerFilter(queryOf(paths.containers(containers)))).toEqual(containers);
  expect(parseFunctionTab(queryOf(paths.function({ app: "a", function: "f" }, "logs")))).toBe("logs");
  expect(parseInputState(queryOf(paths.call("id", { state: "queued" })))).toBe("queued");
});

test("values nobody knows filter nothing", () => {
  const query = new URLSearchParams("state=exploded&kind=toString&tab=secret&from=soon&since=ever&parent=me&pool=x");
  expect(Object.values(parseCallFilter(query)).filter((value) => value !== undefined)).toEqual([]);
  expect(parseInputFrom(query)).toBe(0);
  expect(parsePool(query)).toBeUndefined();
  expect(parseFunctionTab(query)).toBe("overview");
});

test.each([
  ["/calls?state=failed", "/calls?state=failed"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  [undefined, "/"],
])("after signing in %s leads to %s, never to another host", (next, path) => {
  expect(safeNext(next)).toBe(path);
});

function queryOf(path: string): URLSearchParams {
  return new URL(path, "http://console").searchParams;
}
