import { expect, test } from "vitest";
import { verdictOn } from "./failure.ts";

test.each([
  ["57P01", "retry"],
  ["ECONNREFUSED", "retry"],
  ["53100", "retry"],
  ["42P01", "retry"],
  ["40P01", "retry"],
  ["23505", "merge"],
  ["23514", "noPartition"],
  ["22021", "unstorable"],
  ["23502", "unstorable"],
  ["54000", "unstorable"],
])("%s: %s, so that a fact is given up only for what lies in itself", (code, type) => {
  expect(verdictOn(Object.assign(new Error("no"), { code })).type).toBe(type);
});

test("stale owners are named", () => {
  const error = Object.assign(new Error("no"), { code: "BW001", detail: "f1:3,f2:4" });
  expect(verdictOn(error)).toEqual({ type: "stale", owners: ["f1:3", "f2:4"] });
});

test("an error without a code is one of the connection", () => {
  expect(verdictOn(new Error("Connection terminated unexpectedly"))).toEqual({ type: "retry" });
});
