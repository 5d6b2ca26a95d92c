import type { LogItem } from "@bellows/protocol/frame-parts";
import { describe, expect, it } from "vitest";
import { LogBuffer } from "./logs.ts";

const line = (text: string): LogItem => [0, "stdout", null, null, text];

function takeAll(logs: LogBuffer, nowMs: number): LogItem[] {
  const all: LogItem[] = [];
  for (let lines = logs.take(nowMs); lines.length > 0; lines = logs.take(nowMs)) all.push(...lines);
  return all;
}

describe("log buffer", () => {
  it("keeps lines in order", () => {
    const logs = new LogBuffer();
    logs.add(line("a"), 1);
    logs.add(line("b"), 1);
    expect(takeAll(logs, 1).map((item) => item[4])).toEqual(["a", "b"]);
  });

  it("holds no more than its bound while the link is down, and says how many it dropped", () => {
    const logs = new LogBuffer();
    for (let count = 0; count < 12_000; count += 1) logs.add(line("x"), 1);
    const kept = takeAll(logs, 1);
    expect(kept).toHaveLength(10_001);
    expect(kept.at(-1)).toEqual([1, "system", null, null, expect.stringContaining("2,000 log lines were dropped")]);
  });

  it("limits the rate, not the burst, and recovers with time", () => {
    const logs = new LogBuffer();
    let passed = 0;
    for (let count = 0; count < 30_000; count += 1) {
      logs.add(line("x"), 1);
      if (count % 1_000 === 0) passed += takeAll(logs, 1).length;
    }
    passed += takeAll(logs, 1).length;
    expect(passed).toBe(20_000);
    logs.add(line("later"), 2_001);
    expect(takeAll(logs, 2_001).map((item) => item[4])).toEqual([
      expect.stringContaining("10,000 log lines were dropped"),
      "later",
    ]);
  });
});
