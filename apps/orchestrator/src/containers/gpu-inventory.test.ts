import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findGpus, modelOf, parseGpus } from "./gpu-inventory.ts";

test.each([
  ["NVIDIA H100 80GB HBM3", "H100"],
  ["NVIDIA H100 PCIe", "H100"],
  ["NVIDIA H200", "H200"],
  ["NVIDIA GH200 480GB", "GH200"],
  ["NVIDIA B200", "B200"],
  ["NVIDIA A100-SXM4-80GB", "A100"],
  ["NVIDIA A100 80GB PCIe", "A100"],
  ["NVIDIA A10G", "A10G"],
  ["NVIDIA L40S", "L40S"],
  ["NVIDIA L4", "L4"],
  ["Tesla T4", "T4"],
  ["Tesla V100-SXM2-16GB", "V100"],
  ["NVIDIA GeForce RTX 4090", "RTX-4090"],
  ["NVIDIA GeForce RTX 4070 Laptop GPU", "RTX-4070"],
  ["NVIDIA RTX 6000 Ada Generation", "RTX-6000-Ada"],
  ["NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX-PRO-6000-Blackwell"],
  ["NVIDIA RTX A6000", "RTX-A6000"],
])("the model of %s is %s", (name, model) => {
  expect(modelOf(name)).toBe(model);
});

test("devices are known by their UUIDs", () => {
  const listed =
    "0, GPU-6cd1c9d0-7f66-4dd2-9a3e-0a1b2c3d4e5f, NVIDIA H100 80GB HBM3, 81559\n1, GPU-b, Tesla T4, 15360\n";
  expect(parseGpus(listed)).toEqual([
    { id: "GPU-6cd1c9d0-7f66-4dd2-9a3e-0a1b2c3d4e5f", name: "H100", memoryMiB: 81_559 },
    { id: "GPU-b", name: "T4", memoryMiB: 15_360 },
  ]);
  expect(parseGpus("No devices were found\n")).toEqual([]);
});

test("what is declared takes the place of what would be found", async () => {
  const declared = [{ id: "0", name: "H100", memoryMiB: null }];
  expect(await findGpus(declared, "/not/there")).toEqual({ devices: declared, trouble: null });
});

test("a host without the NVIDIA driver has none, and one where it fails says so", async () => {
  expect(await findGpus(null, "/not/there/nvidia-smi")).toEqual({ devices: [], trouble: null });
  const folder = await mkdtemp(join(tmpdir(), "bellows-gpus-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const broken = join(folder, "nvidia-smi");
  await writeFile(broken, "#!/bin/sh\necho 'NVIDIA-SMI has failed' >&2; exit 9\n", { mode: 0o755 });
  const { devices, trouble } = await findGpus(null, broken);
  expect(devices).toEqual([]);
  expect(trouble).toMatch(/could not be listed: .*NVIDIA-SMI has failed.*; repair the NVIDIA driver/s);
});
