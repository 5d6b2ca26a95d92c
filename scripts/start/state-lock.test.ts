import { expect, test } from "vitest";
import { lockState } from "./state-lock.mjs";

test("a state folder where none can be made is refused at once, with what to do", () => {
  expect(() => lockState("/proc/bellows")).toThrow(
    /^cannot write to the state folder \/proc\/bellows \(E[A-Z]+\); .*--state-dir DIR$/,
  );
});
