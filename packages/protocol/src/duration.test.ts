import { describe, expect, it } from "vitest";
import { formatDuration, inDays, parseDuration, spellDuration } from "./duration.ts";

describe("durations", () => {
  it.each<[unknown, number | undefined]>([
    ["100ms", 100],
    ["5s", 5_000],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
    [250, 250],
    [-1, undefined],
    [Number.NaN, undefined],
    ["5", undefined],
    ["5 s", undefined],
    ["", undefined],
    [null, undefined],
  ])("%j is %j ms", (duration, ms) => {
    expect(parseDuration(duration)).toBe(ms);
  });

  it("of what is kept are told in days", () => {
    expect([86_400_000, 30 * 86_400_000].map(inDays)).toEqual(["a day", "30 days"]);
  });

  it("are written as people write them", () => {
    expect([300_000, 1_000, 1_500, 7_200_000, 0].map(formatDuration)).toEqual(["5m", "1s", "1500 ms", "2h", "0 ms"]);
    expect([300_000, 2_000, 1_500, 7_200_000, 86_400_000].map(spellDuration)).toEqual([
      "5 min",
      "2 s",
      "1500 ms",
      "2 h",
      "1 d",
    ]);
  });
});
