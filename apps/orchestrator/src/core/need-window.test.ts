import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyNeedWindow, noteNeed } from "./need-window.ts";

const SPAN_MS = 50;
const notes = fc.array(fc.record({ afterMs: fc.integer({ min: 1, max: 30 }), need: fc.integer({ min: 0, max: 6 }) }));

test("it is the lowest of all that held within the span", () => {
  fc.assert(
    fc.property(notes, (noted) => {
      const window = emptyNeedWindow();
      const held: { need: number; untilMs: number }[] = [];
      let nowMs = 0;
      for (const { afterMs, need } of noted) {
        nowMs += afterMs;
        const current = held.at(-1);
        if (current) current.untilMs = nowMs;
        else held.push({ need: 0, untilMs: nowMs });
        held.push({ need, untilMs: nowMs });
        const within = held.filter(({ untilMs }, at) => untilMs > nowMs - SPAN_MS || at === held.length - 1);
        expect(noteNeed(window, need, nowMs, SPAN_MS)).toBe(Math.min(...within.map((one) => one.need)));
      }
    }),
  );
});

test("memory is bounded by the number of different needs, not by the number of notes", () => {
  const window = emptyNeedWindow();
  for (let at = 0; at < 10_000; at++) noteNeed(window, at % 7, at, 1_000_000);
  expect(window.entries.length).toBeLessThanOrEqual(7);
});
