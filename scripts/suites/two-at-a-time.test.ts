import { expect, test } from "vitest";
import { twoAtATime } from "./two-at-a-time.mjs";

test("never runs a third beside two, and answers in order", async () => {
  let running = 0;
  let most = 0;
  const answers = await twoAtATime([1, 2, 3, 4, 5], async (number) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    return number * 10;
  });
  expect(answers).toEqual([10, 20, 30, 40, 50]);
  expect(most).toBe(2);
});
