import { expect, it } from "vitest";
import { sizeText } from "./volume.ts";

it.each([
  [{ bytes: 0, isWhole: true }, "0 B"],
  [{ bytes: 1_023, isWhole: true }, "1,023 B"],
  [{ bytes: 1_024, isWhole: true }, "1 KiB"],
  [{ bytes: 13_107_200, isWhole: false }, "> 12.5 MiB"],
  [{ bytes: 5 * 1024 ** 5, isWhole: true }, "5,120 TiB"],
  [null, "-"],
])("%j is %s", (size, text) => {
  expect(sizeText(size)).toBe(text);
});
