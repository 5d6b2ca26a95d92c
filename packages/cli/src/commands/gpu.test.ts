import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { gpusText } from "./gpu.ts";

const NONE = { gpus: [], waiting: [], trouble: null };

test("a host without any says so, or why they could not be listed", () => {
  expect(gpusText(NONE)).toBe("this host has no GPU; BELLOWS_GPUS declares some for tests");
  expect(gpusText({ ...NONE, trouble: "nvidia-smi failed" })).toBe("nvidia-smi failed");
});

test("each device is listed with who has it, and below them who waits", () => {
  const of = { functionId: "f", functionName: "draw", appName: "art" };
  const text = gpusText({
    gpus: [
      { id: "0", name: "H100", memoryMiB: null, usage: null, holder: { ...of, containerId: "c1" } },
      { id: "GPU-b", name: "A10G", memoryMiB: 23_028, usage: { busyPercent: 37, memoryUsedMiB: 1_024 }, holder: null },
    ],
    waiting: [{ ...of, gpu: ["H100"], containers: 2, sinceMs: Date.now(), reason: "wants H100; 1 of 1 is in use" }],
    trouble: null,
  });
  expect(stripVTControlCharacters(text).split("\n")).toEqual([
    "GPU      MEMORY  BUSY      USED  DEVICE        FUNCTION  CONTAINER",
    "H100                             0 (declared)  art/draw  c1",
    "A10G  23028 MiB   37%  1024 MiB  GPU-b",
    "1 of 2 in use",
    "",
    "WAITING   CONTAINERS  SINCE    WHY",
    "art/draw           2  0 s ago  wants H100; 1 of 1 is in use",
  ]);
});
