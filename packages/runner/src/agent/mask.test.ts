import type { LogItem } from "@bellows/protocol/frame-parts";
import { expect, it } from "vitest";
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
});
