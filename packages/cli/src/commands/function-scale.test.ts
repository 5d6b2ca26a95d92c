import { stripVTControlCharacters } from "node:util";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addFunctionScale, changesOf, scaleTable } from "./function-scale.ts";

describe("flags of function scale", () => {
  test("none asks for a look only", () => {
    expect(changesOf({})).toBeUndefined();
  });

  test("each sets its own, and 0 is a number", () => {
    const flags = { min: 0, max: 10, buffer: 1, scaledownWindow: 300_000, scaleupWindow: 10_000, target: 8 };
    expect(changesOf(flags)).toEqual({
      minContainers: 0,
      maxContainers: 10,
      bufferContainers: 1,
      scaledownWindow: 300_000,
      scaleupWindow: 10_000,
      targetInputs: 8,
    });
    expect(changesOf({ min: 2 })).toEqual({ minContainers: 2 });
  });

  test("--reset takes back what is named, by its flag or by its name, or all that is not set beside it", () => {
    expect(changesOf({ reset: ["min", "scaleupWindow"] })).toEqual({ minContainers: null, scaleupWindow: null });
    expect(changesOf({ reset: ["max"], min: 2 })).toEqual({ maxContainers: null, minContainers: 2 });
    expect(changesOf({ reset: "all", min: 2 })).toEqual({
      minContainers: 2,
      maxContainers: null,
      bufferContainers: null,
      scaledownWindow: null,
      scaleupWindow: null,
      targetInputs: null,
    });
  });

  test.each([
    [
      ["--reset", "min,scaleupWindow", "demo/slow"],
      ["min", "scaleupWindow"],
    ],
    [
      ["demo/slow", "--reset", "min, max"],
      ["min", "max"],
    ],
    [["--reset", "all", "demo/slow"], "all"],
  ])("%j names the function, wherever it stands", (words, reset) => {
    const command = new Command();
    addFunctionScale(command);
    const [scale] = command.commands;
    expect(scale?.parseOptions(words)).toEqual({ operands: ["demo/slow"], unknown: [] });
    expect(scale?.opts()).toMatchObject({ reset });
  });

  test("what cannot be is refused before anything is asked", () => {
    expect(() => changesOf({ min: 2, reset: ["min"] })).toThrow("minContainers is both set and taken back");
    expect(() => changesOf({ reset: ["demo/slow"] })).toThrow("--reset demo/slow: there is no such setting; write");
    expect(() => changesOf({ min: -1 })).toThrow("minContainers: -1 is below 0");
    expect(() => changesOf({ scaledownWindow: 300 })).toThrow('did you mean "300s"?');
  });
});

test("the table says of each setting what holds, where it comes from, who set it and when", () => {
  const nowMs = 1_000_000;
  const byDefault = { layer: "default", setBy: null, atMs: null } as const;
  const text = scaleTable(
    {
      minContainers: { value: 2, layer: "override", setBy: "jobs/morning", atMs: nowMs - 5_000 },
      maxContainers: { value: 1_000, layer: "code", setBy: "deployment 3", atMs: nowMs - 180_000 },
      bufferContainers: { value: 0, ...byDefault },
      scaledownWindowMs: { value: 300_000, ...byDefault },
      scaleupWindowMs: { value: 0, ...byDefault },
      targetInputs: { value: 1, ...byDefault },
    },
    nowMs,
  );
  expect(stripVTControlCharacters(text).split("\n")).toEqual([
    "SETTING           VALUE  FROM      SET BY        WHEN",
    "minContainers         2  override  jobs/morning  5 s ago",
    "maxContainers     1,000  code      deployment 3  3 min ago",
    "bufferContainers      0  default",
    "scaledownWindow      5m  default",
    "scaleupWindow        0s  default",
    "targetInputs          1  default",
  ]);
});
