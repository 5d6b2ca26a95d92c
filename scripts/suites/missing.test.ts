import { expect, test } from "vitest";
import { missingFor } from "./missing.mjs";

const ALL = { browser: "/usr/bin/chromium", docker: true, gpu: { found: true } };

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

test("a GPU that is not there is forgiven, and one whose driver is broken is not", () => {
  const none = missingFor({ needsGpu: true }, { ...ALL, gpu: { found: false } });
  expect(none).toEqual({ reason: expect.stringContaining("no real GPU"), forgiven: true });
  const broken = missingFor({ needsGpu: true }, { ...ALL, gpu: { found: false, broken: "version mismatch" } });
  expect(broken).toEqual({ reason: expect.stringContaining("version mismatch"), forgiven: false });
});
