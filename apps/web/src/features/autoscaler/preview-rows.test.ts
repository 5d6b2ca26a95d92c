import type { PreviewRun } from "@bellows/protocol/load-views";
import { expect, test } from "vitest";
import { previewRows } from "./preview-rows.ts";

function run(more: Partial<PreviewRun>): PreviewRun {
  return {
    settings: {
      minContainers: 0,
      maxContainers: 1,
      bufferContainers: 0,
      scaledownWindowMs: 60_000,
      scaleupWindowMs: 0,
      targetInputs: 1,
    },
    waitMs: { p50: 0, p95: 0, p99: 0 },
    coldStarts: 0,
    containerHours: 0,
    gpuHours: 0,
    unfinished: 0,
    timeline: [],
    ...more,
  };
}

test("less is better, what reads the same is no difference, and what nobody has is no row", () => {
  const today = run({ waitMs: { p50: 12, p95: 2_000, p99: 4_000 }, coldStarts: 40, containerHours: 1.5 });
  const edited = run({ waitMs: { p50: 12.2, p95: 500, p99: 400 }, coldStarts: 0, containerHours: 3 });
  const rows = new Map(previewRows({ today, edited }).map((row) => [row.label, row]));
  expect(rows.get("Wait, p50")?.difference).toBeNull();
  expect(rows.get("Wait, p95")).toEqual({
    label: "Wait, p95",
    today: "2.00 s",
    edited: "500 ms",
    difference: { text: "−1.50 s, 75\u00a0%", better: true },
  });
  expect(rows.get("Cold starts")?.difference).toEqual({ text: "−40, 100\u00a0%", better: true });
  expect(rows.get("Container-hours")?.difference).toEqual({ text: "+1.50, 100\u00a0%", better: false });
  expect(rows.has("GPU-hours")).toBe(false);
  expect(rows.has("Not done in this time")).toBe(false);
});

test("from nothing there is no share to speak of", () => {
  const rows = previewRows({ today: run({}), edited: run({ gpuHours: 2, unfinished: 3 }) });
  expect(rows.find(({ label }) => label === "GPU-hours")?.difference).toEqual({ text: "+2.00", better: false });
  expect(rows.find(({ label }) => label === "Not done in this time")?.difference?.text).toBe("+3");
});
