import { expect, test } from "vitest";
import { gpusText, gpusUsage } from "./gpus-text.ts";

test("devices of a container are counted", () => {
  const gpus = ["0", "1"].map((id) => ({ id, name: "A10G" }));
  expect([gpusText([]), gpusText(gpus.slice(1)), gpusText(gpus)]).toEqual(["", "A10G", "2 × A10G"]);
});

test("what they do is said as one, as far as it is known", () => {
  const of = (id: string, busyPercent: number | null, memoryUsedMiB: number | null) => ({
    id,
    name: "A10G",
    usage: { busyPercent, memoryUsedMiB },
  });
  expect(gpusUsage([of("a", 30, 512), of("b", 50, 512)])).toBe("40 % busy, 1.0 GiB used");
  expect(gpusUsage([of("a", null, 512)])).toBe("512 MiB used");
  expect(gpusUsage([{ id: "0", name: "H100", usage: null }])).toBeNull();
});
