/** What a driver that was opened on an engine needs there, and keeps, while others use and clean the same engine. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ContainerDriver } from "../driver.ts";
import { openDocker } from "./open-docker.ts";
import { DockerHarness } from "./testing-harness.ts";

const harness = new DockerHarness(process.env);
let instance = "";
let driver: ContainerDriver;

beforeAll(async () => {
  await harness.start();
  const opened = await openDocker({
    stateDir: harness.folder,
    environment: process.env,
    runtime: null,
    ...harness.parts,
    archive: async () => new Uint8Array(),
  });
  ({ driver, instance } = opened);
});

afterAll(async () => {
  await driver.close();
  await harness.stop();
});

test("the network of its containers is made again when it was cleaned away while none was on it", async () => {
  const first = await harness.evaluator(driver);
  await driver.stop(first.containerId, { graceMs: 0 });
  await harness.docker.getNetwork(`bellows-${instance}`).remove();
  const [second, third] = await Promise.all([harness.evaluator(driver), harness.evaluator(driver)]);
  expect(await second.run("return 1")).toBe(1);
  for (const { containerId } of [second, third]) await driver.stop(containerId, { graceMs: 0 });
});
