import type { LogItem } from "@bellows/protocol/frame-parts";
import { LIMITS } from "@bellows/protocol/limits";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "../log-lines.ts";
import { maskOf } from "./mask.ts";

function line(text: string): LogItem {
  return [1, "stdout", null, null, text];
}

it("leaves no part of a value, also where one is part of another", () => {
  const mask = maskOf(["hunter2", "hunter2-and-more"]);
  expect(mask([line("password hunter2-and-more, hunter2!")])).toEqual([line("password ***, ***!")]);
});

it("finds each line of a value of several", () => {
  const mask = maskOf(["-----BEGIN KEY-----\nabcdefgh\n"]);
  expect(mask([line("abcdefgh"), line("nothing")])).toEqual([line("***"), line("nothing")]);
});

it("leaves what is too short to be found without harm", () => {
  expect(maskOf(["yes", ""])([line("yes, of course")])).toEqual([line("yes, of course")]);
  expect(maskOf(["ab12\ncd34\n"])([line("ab12"), line("cd34")])).toEqual([line("ab12"), line("cd34")]);
});

const SECRET = "hunter2-hunter2";

it("finds a value that begins like itself, wherever it is cut", () => {
  for (const chars of [2, 4]) {
    const splitter = new LineSplitter();
    const text = `${"x".repeat(LIMITS.logLineChars - 2 - chars)}aXaXaXab`;
    const pieces = [...splitter.push(text), ...splitter.end()].map(line);
    const printed = maskOf(["aXaXab"])(pieces).map((item) => item[4]);
    expect(printed[0]).toMatch(/^x+(aX)?\*\*\*$/);
    expect(printed[1]).toBe("***");
  }
});

it("reads all of a line, whoever has cut it, and however it counts", () => {
  const text = `${"😀".repeat(300)}${"x".repeat(15_900)}${SECRET} ${SECRET}`;
  expect(maskOf([SECRET])([line(`${text} [7 characters cut]`)])).toEqual([
    line(`${"😀".repeat(300)}${"x".repeat(15_900)}*** *** [7 characters cut]`),
  ]);
  expect(maskOf([SECRET])([line(text)])[0]?.[4]).not.toContain("hunter2");
});

it("finds a value that is cut at a character of two halves", () => {
  const secret = "hunter2😀hunter2";
  const splitter = new LineSplitter();
  const text = `${"x".repeat(LIMITS.logLineChars - 8)}${secret} and more`;
  const pieces = [...splitter.push(text), ...splitter.end()].map(line);
  expect(pieces.map((item) => item[4].length)).toEqual([LIMITS.logLineChars - 1, 18]);
  expect(maskOf([secret])(pieces).map((item) => item[4].slice(-12))).toEqual(["xxxxxxxxx***", "*** and more"]);
  const [cut = ""] = new LineSplitter().push(`${text}\n`);
  expect(maskOf([secret])([line(cut)])[0]?.[4]).toMatch(/^x+\*\*\* \[18 characters cut\]$/);
});

/** All places at which the limit of a line can cut the value. */
describe.each(Array.from({ length: SECRET.length - 1 }, (_, i) => i + 1))("cut after %i characters", (chars) => {
  const before = "x".repeat(LIMITS.logLineChars - chars);

  it("leaves nothing of it when the line goes on", () => {
    const splitter = new LineSplitter();
    const pieces = [...splitter.push(`${before}${SECRET} and more`), ...splitter.end()].map(line);
    const texts = maskOf([SECRET, "another"])(pieces).map((item) => item[4]);
    expect(texts).toEqual([`${before}***`, "*** and more"]);
  });

  it("leaves nothing of it when the rest of the line is dropped", () => {
    const [cut = ""] = new LineSplitter().push(`${before}${SECRET} and more\n`);
    const [[, , , , text] = line("")] = maskOf([SECRET])([line(cut)]);
    expect(text).toMatch(/^x+\*\*\* \[\d+ characters cut\]$/);
  });
});

it("keeps lines of different inputs apart, and a line that only begins like a value", () => {
  const mask = maskOf([SECRET]);
  const long = `${"x".repeat(LIMITS.logLineChars - 3)}hun`;
  const of = (callId: string, text: string): LogItem => [1, "stdout", callId, 0, text];
  const texts = mask([of("a", long), of("b", "ter2-hunter2"), of("a", "ting"), of("a", "ter2-hunter2")]);
  expect(texts.map((item) => item[4].slice(-12))).toEqual(["xxxxxxxxx***", "ter2-hunter2", "ting", "ter2-hunter2"]);
});
