import { LIMITS } from "@bellows/protocol/limits";
import { describe, expect, it } from "vitest";
import { cutLine, LineSplitter } from "./log-lines.ts";

describe("log lines", () => {
  it("are whole, however the text was cut in pieces", () => {
    const splitter = new LineSplitter();
    expect([splitter.push("on"), splitter.push("e\ntwo\r\n\nthr"), splitter.push("ee"), splitter.end()]).toEqual([
      [],
      ["one", "two", ""],
      [],
      ["three"],
    ]);
    expect(splitter.end()).toEqual([]);
  });

  it("are cut at the limit, and say how much is missing", () => {
    const cut = cutLine("x".repeat(LIMITS.logLineChars + 1_234));
    expect(cut.endsWith("[1,234 characters cut]")).toBe(true);
    expect(new LineSplitter().push(`${"x".repeat(LIMITS.logLineChars)}\n`)).toEqual(["x".repeat(LIMITS.logLineChars)]);
  });

  it("that never end come in pieces, so that they need no memory", () => {
    const splitter = new LineSplitter();
    expect(splitter.push("x".repeat(LIMITS.logLineChars * 2 + 5)).map((line) => line.length)).toEqual([
      LIMITS.logLineChars,
      LIMITS.logLineChars,
    ]);
    expect(splitter.end()).toEqual(["xxxxx"]);
  });
});
