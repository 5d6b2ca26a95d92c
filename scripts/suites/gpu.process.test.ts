/** What is left out of the GPU tests, by what there is on PATH. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lookForGpu } from "./gpu.mjs";
import { missingFor } from "./missing.mjs";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bellows-nvidia-"));
  vi.stubEnv("PATH", `${folder}:/usr/bin:/bin`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function leftOut(timeoutMs = 10_000) {
  const gpu = await lookForGpu({ timeoutMs });
  return missingFor({ needsGpu: true }, { browser: undefined, docker: false, gpu });
}

/** A driver whose `nvidia-smi` is this script. */
function driver(script: string, mode = 0o755): void {
  writeFileSync(join(folder, "nvidia-smi"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "nvidia-smi"), mode);
}

test("a host without the driver is forgiven", async () => {
  vi.stubEnv("PATH", folder);
  expect(await leftOut()).toMatchObject({ forgiven: true });
});

test.each(["exit 0", "echo 'No devices were found'"])("a driver that lists none is forgiven: %s", async (script) => {
  driver(script);
  expect(await leftOut()).toMatchObject({ forgiven: true });
});

test("nothing is left out where it lists one", async () => {
  driver("echo 'GPU 0: NVIDIA H100 (UUID: GPU-1)'");
  expect(await leftOut()).toBeUndefined();
});

test.each([
  {
    which: "says why and fails",
    script: "echo 'Driver/library version mismatch'; exit 18",
    said: "Driver/library version mismatch",
  },
  { which: "has lost its devices", script: "echo 'No devices were found'; exit 6", said: "No devices were found" },
  {
    which: "lists what is no GPU",
    script: "echo 'Unable to determine the handle'",
    said: "Unable to determine the handle",
  },
])("a driver that $which is not forgiven, and the reason holds what it said", async ({ script, said }) => {
  driver(script);
  expect(await leftOut()).toEqual({ reason: `the NVIDIA driver does not answer: ${said}`, forgiven: false });
});

test("one that hangs is not forgiven", async () => {
  driver("exec sleep 60");
  expect(await leftOut(50)).toEqual({ reason: expect.stringContaining("ended after 0.05 s"), forgiven: false });
});

test("one that may not be started is not forgiven", async () => {
  driver("exit 0", 0o644);
  expect(await leftOut()).toEqual({ reason: expect.stringContaining("EACCES"), forgiven: false });
});
