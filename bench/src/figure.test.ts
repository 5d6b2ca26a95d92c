import { describe, expect, it } from "vitest";
import { compared, lineOf, percentile } from "./figure.ts";

describe("figures", () => {
  it("say how many times better they are, in either direction", () => {
    expect(compared({ name: "drain", value: 30, unit: "1/s" }, { name: "peer", value: 10 }, "more").ratio).toBe(3);
    expect(compared({ name: "wait", value: 2, unit: "ms" }, { name: "peer", value: 1 }, "less").ratio).toBe(0.5);
  });

  it("take percentiles by nearest rank", () => {
    const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.5, 0.99, 1, 0].map((share) => percentile(samples, share))).toEqual([50, 99, 100, 1]);
  });

  it("print as one line", () => {
    expect(lineOf({ name: "drain", value: 52_345.6, unit: "inputs/s" })).toMatch(/drain\s+52,346 inputs\/s/);
  });
});
