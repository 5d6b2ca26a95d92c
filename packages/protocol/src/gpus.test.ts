import { expect, test } from "vitest";
import { gpuCountsText, gpuRequestOf, gpuRequestText } from "./gpus.ts";

test.each(["H100", "A10G:2", "any", "any:4"])("%s is read and written the same", (text) => {
  expect(gpuRequestText(gpuRequestOf(text))).toBe(text);
});

test("what a host has is told by model", () => {
  const devices = ["H100", "A10G", "H100"].map((name, index) => ({ id: String(index), name, memoryMiB: null }));
  expect(gpuCountsText(devices)).toBe("H100:2, A10G:1");
});
