import { expect, test } from "vitest";
import { calleeOf, refuseSpawn, splitMethod } from "./callee.ts";
import { UsageError } from "./usage-error.ts";

const Model = { name: "Model", settings: { kind: "class", methods: ["predict", "embed"] } } as const;
const stream = { name: "stream", settings: { kind: "generator", methods: [] } } as const;

test("a method is named after its class, at the last dot", () => {
  expect(splitMethod("Model.predict")).toEqual({ name: "Model", method: "predict" });
  expect(splitMethod("v1.Model.predict")).toEqual({ name: "v1.Model", method: "predict" });
  for (const text of ["plain", ".x", "x."]) expect(splitMethod(text)).toBeUndefined();
});

test("a class is called by one of its methods", () => {
  expect(calleeOf(Model, "embed")).toEqual({ kind: "class", name: "Model", method: "embed" });
  expect(() => calleeOf(Model, undefined)).toThrow(
    '"Model" is a class; name one of its methods: "Model.embed", "Model.predict"',
  );
  expect(() => calleeOf(Model, "load")).toThrow('class "Model" has no method "load"');
});

test("what streams its values cannot be left alone", () => {
  expect(() => refuseSpawn(calleeOf(stream, undefined), "--spawn")).toThrow(UsageError);
  refuseSpawn(calleeOf(Model, "predict"), "--spawn");
});
