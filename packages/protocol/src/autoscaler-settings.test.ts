import { describe, expect, test } from "vitest";
import type { AutoscalerChanges } from "./autoscaler-settings.ts";
import { AUTOSCALER_SETTINGS, parseAutoscalerChanges, refuseInconsistent } from "./autoscaler-settings.ts";
import { parseFunctionOptions, parsePoolOptions, poolSettings } from "./function-options.ts";

describe("changes of the autoscaler", () => {
  test("each becomes a setting in its unit, and nothing is added", () => {
    expect(
      parseAutoscalerChanges({
        minContainers: 2,
        maxContainers: 10,
        bufferContainers: 1,
        scaledownWindow: "5m",
        scaleupWindow: 0,
        targetInputs: 8,
      }),
    ).toEqual({
      minContainers: 2,
      maxContainers: 10,
      bufferContainers: 1,
      scaledownWindowMs: 300_000,
      scaleupWindowMs: 0,
      targetInputs: 8,
    });
    expect(parseAutoscalerChanges({ minContainers: 0, maxContainers: undefined })).toEqual({ minContainers: 0 });
  });

  test("null takes a change back, of a duration too", () => {
    const changes = { minContainers: null, scaledownWindow: null };
    expect(parseAutoscalerChanges(changes)).toEqual({ minContainers: null, scaledownWindowMs: null });
  });

  test.each([
    [{}, "nothing was asked for; name one of minContainers, maxContainers, bufferContainers, scaledownWindow"],
    [{ minContainers: undefined }, "nothing was asked for"],
    [{ minContainer: 2 }, "minContainer: there is no such option; the options are minContainers, maxContainers"],
    [{ scaledownWindowMs: 5_000 }, "scaledownWindowMs: there is no such option"],
    [{ maxInputs: 5 }, "maxInputs: there is no such option"],
    [{ minContainers: -1 }, "minContainers: -1 is below 0"],
    [{ minContainers: 1.5 }, "minContainers: 1.5 is not a whole number"],
    [{ minContainers: Number.NaN }, "minContainers: NaN is not a number"],
    [{ minContainers: Number.POSITIVE_INFINITY }, "minContainers: Infinity is"],
    [{ minContainers: "2" }, 'minContainers: "2" is not a number'],
    [{ maxContainers: 0 }, "maxContainers: 0 is below 1"],
    [{ maxContainers: 4_001 }, "maxContainers: 4001 is above 4,000"],
    [{ bufferContainers: 4_001 }, "bufferContainers: 4001 is above 4,000"],
    [{ scaledownWindow: 300 }, 'scaledownWindow: 300 ms is below 2 s; did you mean "300s"?'],
    [{ scaledownWindow: "21m" }, 'scaledownWindow: "21m" is above 20 min'],
    [{ scaleupWindow: "2h" }, 'scaleupWindow: "2h" is above 1 h'],
    [{ scaleupWindow: "later" }, 'scaleupWindow: "later" is not a duration'],
    [{ targetInputs: 1_001 }, "targetInputs: 1001 is above 1,000"],
    [undefined, "undefined is not an object of settings, such as { minContainers: 2 }"],
    [null, "null is not an object of settings"],
    [[2], "a list is not an object of settings"],
  ])("%j is refused by what is wrong with it", (changes, message) => {
    expect(() => parseAutoscalerChanges(changes as AutoscalerChanges)).toThrow(message);
  });

  test("what is in range alone may contradict the rest", () => {
    const settings = { ...parseFunctionOptions(), maxContainers: 4 };
    expect(() => refuseInconsistent(settings)).not.toThrow();
    expect(() => refuseInconsistent({ ...settings, minContainers: 5 })).toThrow(
      "minContainers: 5 is above maxContainers 4; raise maxContainers or lower minContainers",
    );
    expect(() => refuseInconsistent({ ...settings, targetInputs: 2 })).toThrow("2 is above maxInputs 1");
  });
});

describe("what the code has written", () => {
  test("is known, also where it is what the default would have been", () => {
    expect(parseFunctionOptions().written).toEqual([]);
    const options = { maxContainers: 100, minContainers: undefined, timeout: "9s", scaledownWindow: "60s" } as const;
    expect(parseFunctionOptions(options).written).toEqual(["maxContainers", "scaledownWindowMs"]);
  });

  test("`concurrent` says the target, also where only the most is written", () => {
    expect(parseFunctionOptions({ concurrent: { maxInputs: 8 } }).written).toEqual(["targetInputs"]);
  });

  test("of a pool: what its function has, and its own options", () => {
    const base = parseFunctionOptions({ minContainers: 1 });
    const pool = poolSettings(base, parsePoolOptions({ maxContainers: 3, timeout: "9s" }));
    expect(pool).toMatchObject({ written: ["minContainers", "maxContainers"], maxContainers: 3, timeoutMs: 9_000 });
    expect(poolSettings(base, {}).written).toEqual(["minContainers"]);
  });

  test("of a function that an earlier version has deployed nobody knows, and so of its pools", () => {
    const { written: _, ...earlier } = parseFunctionOptions({ minContainers: 1 });
    expect(poolSettings(earlier, { maxContainers: 3 }).written).toBeUndefined();
  });

  test("the settings are those of functions", () => {
    expect(Object.keys(parseFunctionOptions())).toEqual(expect.arrayContaining([...AUTOSCALER_SETTINGS]));
  });
});
