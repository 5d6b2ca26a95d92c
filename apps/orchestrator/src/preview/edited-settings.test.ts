import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import { editedSettings } from "./edited-settings.ts";

const deployed = parseFunctionOptions({ maxContainers: 10 });
const today = { ...deployed, maxContainers: 3, bufferContainers: 2 };

test("what is not named stays as it is today, and null takes back what was laid over the deployed settings", () => {
  expect(editedSettings(today, deployed, {})).toEqual(today);
  expect(editedSettings(today, deployed, { maxContainers: null, minContainers: 4 })).toEqual({
    ...today,
    maxContainers: 10,
    minContainers: 4,
  });
});

test("a result that contradicts itself is refused", () => {
  expect(() => editedSettings(today, deployed, { minContainers: 4 })).toThrow("4 is above maxContainers 3");
});
