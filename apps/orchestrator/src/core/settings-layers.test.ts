import { parseAutoscalerChanges, refuseInconsistent } from "@bellows/protocol/autoscaler-settings";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { describe, expect, test } from "vitest";
import { changedValues, effectiveSettings, type LaidOver, withEffective } from "./settings-layers.ts";

const ada = { setBy: "Ada", atMs: 50 };
const morning = { setBy: "morning", atMs: 90 };
const deployed = {
  settings: parseFunctionOptions({ minContainers: 1, maxContainers: 100, scaledownWindow: "5m" }),
  version: 3,
  atMs: 10,
};
const override: LaidOver = { layer: "override", values: { minContainers: { value: 4, ...ada } } };
const policy: LaidOver = {
  layer: "policy",
  values: { minContainers: { value: 9, ...morning }, bufferContainers: { value: 2, ...morning } },
};

describe("effective settings", () => {
  test("say which layer each comes from, who set it and when", () => {
    expect(effectiveSettings(deployed, [override])).toEqual({
      minContainers: { value: 4, layer: "override", setBy: "Ada", atMs: 50 },
      maxContainers: { value: 100, layer: "code", setBy: "deployment 3", atMs: 10 },
      bufferContainers: { value: 0, layer: "default", setBy: null, atMs: null },
      scaledownWindowMs: { value: 300_000, layer: "code", setBy: "deployment 3", atMs: 10 },
      scaleupWindowMs: { value: 0, layer: "default", setBy: null, atMs: null },
      targetInputs: { value: 1, layer: "default", setBy: null, atMs: null },
    });
  });

  test("the highest layer that has a setting wins, each setting by itself, and falls back when it goes", () => {
    const layers = effectiveSettings(deployed, [override, policy]);
    expect(layers.minContainers).toEqual({ value: 9, layer: "policy", ...morning });
    expect(layers.bufferContainers).toEqual({ value: 2, layer: "policy", ...morning });
    expect(layers.maxContainers.layer).toBe("code");
    expect(effectiveSettings(deployed, [override]).minContainers).toEqual({ value: 4, layer: "override", ...ada });
    expect(effectiveSettings(deployed, []).minContainers).toMatchObject({ value: 1, layer: "code" });
  });

  test("a value of 0 is a value", () => {
    const zero: LaidOver = { layer: "override", values: { minContainers: { value: 0, ...ada } } };
    expect(effectiveSettings(deployed, [zero]).minContainers).toEqual({ value: 0, layer: "override", ...ada });
  });

  test("take the places of those deployed, and nothing else changes", () => {
    expect(withEffective(deployed.settings, effectiveSettings(deployed, [override, policy]))).toEqual({
      ...deployed.settings,
      minContainers: 9,
      bufferContainers: 2,
    });
  });

  test("a deployment that does not say what was written is judged by what differs from the defaults", () => {
    const { written: _, ...settings } = parseFunctionOptions({ minContainers: 1, maxContainers: 100 });
    const layers = effectiveSettings({ ...deployed, settings }, []);
    expect([layers.minContainers.layer, layers.maxContainers.layer]).toEqual(["code", "default"]);
  });
});

describe("changes of a layer", () => {
  const at = { setBy: "jobs/night", atMs: 70 };

  test("name their author and time, and leave the rest to its own", () => {
    const { values } = override;
    expect(changedValues(values, parseAutoscalerChanges({ scaleupWindow: "10s" }), at)).toEqual({
      minContainers: { value: 4, ...ada },
      scaleupWindowMs: { value: 10_000, ...at },
    });
    expect(changedValues(values, { minContainers: 4 }, at)).toEqual({ minContainers: { value: 4, ...at } });
    expect(values).toEqual({ minContainers: { value: 4, ...ada } });
  });

  test("take a value out, also one that is not there", () => {
    expect(changedValues(override.values, { minContainers: null, maxContainers: null }, at)).toEqual({});
  });

  test("what is taken out may leave what does not fit together", () => {
    const values = { minContainers: { value: 0, ...ada }, maxContainers: { value: 0, ...ada } };
    const over = (given: typeof values | object): LaidOver => ({ layer: "override", values: given });
    const fits = withEffective(deployed.settings, effectiveSettings(deployed, [over(values)]));
    expect(() => refuseInconsistent(fits)).not.toThrow();
    const left = changedValues(values, { minContainers: null }, at);
    const contradicts = withEffective(deployed.settings, effectiveSettings(deployed, [over(left)]));
    expect(() => refuseInconsistent(contradicts)).toThrow("minContainers: 1 is above maxContainers 0");
  });
});
