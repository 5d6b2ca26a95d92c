import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseGpuUsage, watchGpuUsage } from "./gpu-usage.ts";

const DEVICE = { id: "GPU-a", name: "H100", memoryMiB: 81_559 };

/** A program that answers like `nvidia-smi` and leaves a line each time it is asked. */
async function program(script: string): Promise<{ command: string; asked: () => Promise<number> }> {
  const folder = await mkdtemp(join(tmpdir(), "bellows-gpus-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const command = join(folder, "nvidia-smi");
  const log = join(folder, "asked");
  await writeFile(log, "");
  await writeFile(command, `#!/bin/sh\necho asked >> ${log}\n${script}\n`, { mode: 0o755 });
  return { command, asked: async () => (await readFile(log, "utf8")).split("\n").length - 1 };
}

test("what nvidia-smi prints is known by device, and what it does not know is null", () => {
  expect(parseGpuUsage("GPU-a, 37, 1024\nMIG-b, [N/A], 512\n\nNo devices were found\n")).toEqual(
    new Map([
      ["GPU-a", { busyPercent: 37, memoryUsedMiB: 1_024 }],
      ["MIG-b", { busyPercent: null, memoryUsedMiB: 512 }],
    ]),
  );
});

test("it is asked once for all who look within two seconds", async () => {
  const { command, asked } = await program("echo 'GPU-a, 5, 100'");
  let nowMs = 0;
  const usage = watchGpuUsage([DEVICE], { now: () => nowMs, command });
  expect(await asked()).toBe(0);
  const [first] = await Promise.all([usage(), usage()]);
  nowMs = 1_999;
  expect(await usage()).toBe(first);
  expect(first).toEqual(new Map([["GPU-a", { busyPercent: 5, memoryUsedMiB: 100 }]]));
  expect(await asked()).toBe(1);
  nowMs = 2_000;
  await usage();
  expect(await asked()).toBe(2);
});

test("a program that fails leaves the numbers out, and declared devices are never asked about", async () => {
  const failing = await program("exit 9");
  const now = () => 0;
  expect(await watchGpuUsage([DEVICE], { now, command: failing.command })()).toEqual(new Map());
  const unused = await program("echo 'GPU-a, 5, 100'");
  const declared = { id: "0", name: "H100", memoryMiB: null };
  expect(await watchGpuUsage([declared], { now, command: unused.command })()).toEqual(new Map());
  expect(await unused.asked()).toBe(0);
});
