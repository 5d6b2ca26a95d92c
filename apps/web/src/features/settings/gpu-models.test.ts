import { expect, test } from "vitest";
import { modelsOf } from "./gpu-models.ts";

test("devices are counted by model, and those that are in use", () => {
  const holder = { containerId: "c", functionId: "f", functionName: "draw", appName: "art" };
  const gpu = (id: string, name: string, isHeld: boolean) => {
    return { id, name, memoryMiB: null, usage: null, holder: isHeld ? holder : null };
  };
  expect(modelsOf([gpu("0", "H100", true), gpu("1", "A10G", false), gpu("2", "H100", false)])).toEqual([
    { name: "H100", total: 2, inUse: 1 },
    { name: "A10G", total: 1, inUse: 0 },
  ]);
});
