import type { EffectiveSettings } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import { isPreviewStale } from "./preview-stale.ts";

function set(value: number) {
  return { value, layer: "code" as const, setBy: null, atMs: null };
}

const today = {
  minContainers: 0,
  maxContainers: 100,
  bufferContainers: 0,
  scaledownWindowMs: 60_000,
  scaleupWindowMs: 0,
  targetInputs: 4,
};
const current: EffectiveSettings = {
  minContainers: set(0),
  maxContainers: set(100),
  bufferContainers: set(0),
  scaledownWindowMs: set(60_000),
  scaleupWindowMs: set(0),
  targetInputs: set(4),
};
const asked = { source: "24h", changes: { minContainers: 2 } };

test("a preview answers the same edits of the same settings for the same arrivals", () => {
  expect(isPreviewStale({ asked, today }, { now: { source: "24h", changes: { minContainers: 2 } }, current })).toBe(
    false,
  );
});

test.each([
  { what: "edits", now: { ...asked, changes: { minContainers: 3 } }, current },
  { what: "arrivals", now: { ...asked, source: "1h" }, current },
  { what: "settings in force", now: asked, current: { ...current, maxContainers: set(50) } },
])("with other $what it is stale", ({ now, current: inForce }) => {
  expect(isPreviewStale({ asked, today }, { now, current: inForce })).toBe(true);
});
