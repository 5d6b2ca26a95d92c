import fc from "fast-check";
import { expect, it } from "vitest";
import { type ImageUse, STANDBY_KEPT_MS, standbyTargets } from "./standby.ts";

const NOW_MS = 1_000_000_000;

function used(...ago: [key: string, agoMs: number][]): ImageUse[] {
  return ago.map(([key, agoMs]) => ({ key, lastUsedMs: NOW_MS - agoMs }));
}

it("keeps the whole budget for the only image", () => {
  expect([...standbyTargets(used(["node", 5]), { budget: 2, nowMs: NOW_MS })]).toEqual([["node", 2]]);
});

it("keeps one for each image that was used lately, and what is left for the newest", () => {
  const uses = used(["a", 30], ["b", 10], ["c", 20]);
  expect([...standbyTargets(uses, { budget: 4, nowMs: NOW_MS })]).toEqual([
    ["b", 2],
    ["c", 1],
    ["a", 1],
  ]);
});

it("forgets an image that nobody wants any more, and keeps none without a budget", () => {
  expect(standbyTargets(used(["old", STANDBY_KEPT_MS]), { budget: 2, nowMs: NOW_MS }).size).toBe(0);
  expect(standbyTargets(used(["new", 1]), { budget: 0, nowMs: NOW_MS }).size).toBe(0);
});

it("never keeps more than the budget, and uses all of it while there is an image to keep for", () => {
  const use = fc.record({ key: fc.string(), agoMs: fc.integer({ min: 0, max: 2 * STANDBY_KEPT_MS }) });
  const uses = fc.uniqueArray(use, { selector: ({ key }) => key, maxLength: 12 });
  fc.assert(
    fc.property(uses, fc.integer({ min: 0, max: 8 }), (list, budget) => {
      const facts = list.map(({ key, agoMs }) => ({ key, lastUsedMs: NOW_MS - agoMs }));
      const counts = [...standbyTargets(facts, { budget, nowMs: NOW_MS }).values()];
      const total = counts.reduce((sum, count) => sum + count, 0);
      expect(counts.every((count) => count > 0)).toBe(true);
      expect(total).toBe(facts.some(({ lastUsedMs }) => NOW_MS - lastUsedMs < STANDBY_KEPT_MS) ? budget : 0);
    }),
  );
});
