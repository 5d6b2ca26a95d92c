import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lookForGpu } from "./gpu.mjs";
import { missingFor } from "./missing.mjs";

const ALL = { browser: "/usr/bin/chromium", docker: true, gpu: { found: true } };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bellows-nvidia-"));
  vi.stubEnv("PATH", `${folder}:/usr/bin:/bin`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What is left out of the GPU tests where `nvidia-smi` is this script. */
async function withDriver(script: string) {
  writeFileSync(join(folder, "nvidia-smi"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "nvidia-smi"), 0o755);
  return missingFor({ needsGpu: true }, { ...ALL, gpu: await lookForGpu() });
}

test("a suite runs where what it needs is there", () => {
  expect(missingFor({ needsBrowser: true, needsDocker: true, needsGpu: true }, ALL)).toBeUndefined();
  expect(missingFor({}, { browser: undefined, docker: false, gpu: { found: false } })).toBeUndefined();
});

test("a browser and an engine can be installed, so nothing is forgiven", () => {
  const browser = missingFor({ needsBrowser: true }, { ...ALL, browser: undefined });
  expect(browser).toEqual({ reason: expect.stringContaining("BELLOWS_BROWSER"), forgiven: false });
  const docker = missingFor({ needsDocker: true }, { ...ALL, docker: false });
  expect(docker).toEqual({ reason: expect.stringContaining("DOCKER_HOST"), forgiven: false });
});

test("no GPU is forgiven: without a driver, and with one that lists none", async () => {
  vi.stubEnv("PATH", folder);
  expect(missingFor({ needsGpu: true }, { ...ALL, gpu: await lookForGpu() })).toMatchObject({ forgiven: true });
  vi.stubEnv("PATH", `${folder}:/usr/bin:/bin`);
  expect(await withDriver("exit 0")).toMatchObject({ forgiven: true });
  expect(await withDriver("echo 'GPU 0: NVIDIA H100 (UUID: GPU-1)'")).toBeUndefined();
});

test("a driver that does not answer is not forgiven, and the reason holds what it said", async () => {
  expect(await withDriver("echo 'Driver/library version mismatch'; exit 18")).toEqual({
    reason: "the NVIDIA driver does not answer: Driver/library version mismatch",
    forgiven: false,
  });
});
