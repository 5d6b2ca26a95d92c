import { expect, test } from "vitest";
import { gpusText } from "./gpus-text.ts";

test("devices of a container are counted", () => {
  const gpus = ["0", "1"].map((id) => ({ id, name: "A10G" }));
  expect([gpusText([]), gpusText(gpus.slice(1)), gpusText(gpus)]).toEqual(["", "A10G", "2 × A10G"]);
});
