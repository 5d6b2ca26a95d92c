import { expect, it } from "vitest";
import { volumeSize } from "./volume-size.ts";

it("says when there is none yet, and when there is more than was counted", () => {
  expect(volumeSize({ size: null })).toBe("not made yet");
  expect(volumeSize({ size: { bytes: 2_048, isWhole: true } })).toBe("2.0 KiB");
  expect(volumeSize({ size: { bytes: 2_048, isWhole: false } })).toBe("more than 2.0 KiB");
});
