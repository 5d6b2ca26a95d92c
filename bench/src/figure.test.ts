import { describe, expect, it } from "vitest";
import { bounded, compared, percentile, textOf } from "./figure.ts";

describe("figures", () => {
  it("say how many times better they are, in either direction", () => {
    expect(compared({ name: "drain", value: 30, unit: "1/s" }, { name: "peer", value: 10 }, "more").ratio).toBe(3);
    expect(compared({ name: "wait", value: 2, unit: "ms" }, { name: "peer", value: 1 }, "less").ratio).toBe(0.5);
  });

  it("are judged by their goal, the bound itself included", () => {
    const drain = { name: "drain", value: 60, unit: "1/s" };
    expect(compared(drain, { name: "peer", value: 10 }, "more", 6).reached).toBe(true);
    expect(compared(drain, { name: "peer", value: 11 }, "more", 6).reached).toBe(false);
    expect(bounded({ name: "memory", value: 200, unit: "MB" }, 200).reached).toBe(true);
    expect(bounded({ name: "memory", value: 201, unit: "MB" }, 200).reached).toBe(false);
  });

  it("take percentiles by nearest rank", () => {
    const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.5, 0.99, 1, 0].map((share) => percentile(samples, share))).toEqual([50, 99, 100, 1]);
  });

  it("print as one line, with goal and verdict where they have one", () => {
    expect(textOf({ name: "drain", value: 52_345.6, unit: "inputs/s" })).toMatch(/^drain\s+52,346 inputs\/s$/);
    const judged = compared({ name: "drain", value: 60, unit: "jobs/s" }, { name: "peer 1.0", value: 20 }, "more", 6);
    expect(textOf(judged)).toMatch(/3\.00x\s+>= 6\.00x\s+missed\s+against 20\.0 jobs\/s of peer 1\.0$/);
  });

  it("say what was left out", () => {
    expect(textOf({ name: "drain", leftOut: "no redis-server" })).toMatch(/^drain\s+left out: no redis-server$/);
  });
});
