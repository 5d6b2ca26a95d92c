import { type GpuDevice, gpuRequestOf } from "@bellows/protocol/gpus";
import { expect, test } from "vitest";
import { chooseGpus, impossibleGpus, shortageText } from "./gpus.ts";

const HOST = devices("H100:8", "A10G:4", "T4:1");

function devices(...models: string[]): GpuDevice[] {
  return models
    .map(gpuRequestOf)
    .flatMap(({ name, count }) => Array.from({ length: count }, () => name))
    .map((name, index) => ({ id: String(index), name, memoryMiB: null }));
}

function chosen(gpu: string[], free: readonly GpuDevice[] = HOST): string | undefined {
  return chooseGpus(gpu.map(gpuRequestOf), free)
    ?.map(({ id, name }) => `${name}#${id}`)
    .join(" ");
}

test.each<[string[], string | undefined]>([
  [["A10G:2"], "A10G#8 A10G#9"],
  [["H200", "T4"], "T4#12"],
  [["T4:2", "A10G"], "A10G#8"],
  [["T4", "H100"], "T4#12"],
  // In any case, and of any model: of the one that most are free of.
  [["h100"], "H100#0"],
  [["any"], "H100#0"],
  [["any:5"], "H100#0 H100#1 H100#2 H100#3 H100#4"],
  // A container's devices are of one model.
  [["any:9"], undefined],
  [["H200"], undefined],
])("of a whole host, %j gets %s", (gpu, expected) => {
  expect(chosen(gpu)).toBe(expected);
});

test("the next wish in the list is taken when the first cannot be met now", () => {
  expect(chosen(["H100", "A10G"], HOST.slice(8))).toBe("A10G#8");
});

test("the size of the memory may be named, as it is sold", () => {
  const free: GpuDevice[] = [
    { id: "a", name: "A100", memoryMiB: 40_960 },
    { id: "b", name: "A100", memoryMiB: 81_920 },
    { id: "c", name: "A10G", memoryMiB: 23_028 },
  ];
  expect(chosen(["A100-80GB"], free)).toBe("A100#b");
  expect(chosen(["A10G-24GB"], free)).toBe("A10G#c");
  expect(chosen(["A100-20GB"], free)).toBeUndefined();
});

test.each<[string[], string | null]>([
  [["H100:8"], null],
  [["H200", "A10G"], null],
  [["H200"], "this host has no H200; it has H100:8, A10G:4, T4:1"],
  [["A10G:8", "H200"], "this host has no A10G:8 and no H200; it has H100:8, A10G:4, T4:1"],
])("what a host can never give is told with what it has: %j", (gpu, expected) => {
  expect(impossibleGpus(gpu.map(gpuRequestOf), HOST)).toBe(expected);
});

test("a host without any says so", () => {
  expect(impossibleGpus([gpuRequestOf("any")], [])).toBe("this host has no GPU");
});

test.each<[string[], string[], number, string]>([
  [["H100:2"], ["0", "1", "2", "3", "4", "5", "6"], 0, "wants H100:2; 7 of 8 are in use"],
  [["H100:8"], ["3"], 0, "wants H100:8; 1 of 8 is in use"],
  [["H100", "T4"], ["12"], 0, "wants H100 or T4; 0 of 8 H100 and 1 of 1 T4 are in use"],
  [["A10G"], ["8", "9"], 2, "wants A10G; 2 of 4 are in use, 2 are kept for who comes first"],
])("why %j waits", (gpu, held, kept, expected) => {
  expect(shortageText(gpu.map(gpuRequestOf), HOST, new Set(held), kept)).toBe(expected);
});
