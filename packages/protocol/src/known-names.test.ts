import { expect, test } from "vitest";
import { listNames, noSuchMethod } from "./known-names.ts";

test("names are listed in order", () => {
  expect(listNames(["ocr", "Embed", "count"])).toBe('"count", "Embed", "ocr"');
  expect(listNames([])).toBe("none");
  expect(noSuchMethod('class "Model"', "load", new Set(["scale", "predict"]))).toBe(
    'class "Model" has no method "load" that can be called; it has "predict", "scale". ' +
      "Those that can be called are marked with @method()",
  );
});
