/** Containers inherit the labels of their image: those of whoever made it, and of whoever wrote its Dockerfile. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ContainerDriver } from "../driver.ts";
import { BUILDER_LABEL, INSTANCE_LABEL } from "./container-labels.ts";
import { DockerHarness } from "./testing-harness.ts";

const harness = new DockerHarness(process.env);
const { docker, instance } = harness;
const drivers: ContainerDriver[] = [];
const images: string[] = [];

beforeAll(() => harness.start());

afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver.close();
  for (const { Id } of await ours()) await docker.getContainer(Id).remove({ force: true });
  for (const image of images.splice(0)) await docker.getImage(image).remove({ force: true });
});

afterAll(() => harness.stop());

function ours() {
  return docker.listContainers({ all: true, filters: { label: [`${INSTANCE_LABEL}=${instance}`] } });
}

function driverOf(image?: string): ContainerDriver {
  const driver = harness.over(docker, instance, image === undefined ? {} : { image });
  drivers.push(driver);
  return driver;
}

/** An image with what `LABEL` in a Dockerfile says. */
async function labelled(labels: Record<string, string>): Promise<string> {
  const tag = randomUUID();
  const changes = Object.entries(labels).map(([name, value]) => `LABEL ${name}=${JSON.stringify(value)}`);
  const container = await docker.createContainer({ Image: await harness.image });
  await container.commit({ repo: "bellows-test/labels", tag, changes: changes.join("\n") });
  await container.remove();
  const name = `bellows-test/labels:${tag}`;
  images.push(name);
  return name;
}

test("what a Dockerfile labels its image with makes its containers nobody else's", async () => {
  const victim = randomUUID();
  const image = await labelled({
    "dev.bellows.function": victim,
    "dev.bellows.deployment": victim,
    "dev.bellows.gpus": "x",
    [BUILDER_LABEL]: "another-process",
    [INSTANCE_LABEL]: "another-instance",
  });
  const driver = driverOf(image);
  const spec = { ...harness.spec(randomUUID()), functionId: null, deploymentId: null, gpus: [] };
  await driver.start(spec);
  await driver.close();
  const { containerId } = spec;
  expect(await driverOf(image).list()).toEqual([
    expect.objectContaining({ containerId, functionId: null, deploymentId: null, gpus: [] }),
  ]);
});

test("an image that was built in a container has none of its labels", async () => {
  const { Config } = await docker.getImage(await harness.image).inspect();
  const labels = Object.entries(Config.Labels ?? {}).filter(([name]) => name.startsWith("dev.bellows."));
  expect(labels.filter(([, value]) => value !== "")).toEqual([]);
});

test("what a killed process has left of its builds goes, and a build of this one stays", async () => {
  const Image = await harness.image;
  const builds = ["a-process-before", "this-process"].map((builder) =>
    docker.createContainer({ Image, Labels: { [INSTANCE_LABEL]: instance, [BUILDER_LABEL]: builder } }),
  );
  const [, own] = await Promise.all(builds);
  expect(await driverOf().list()).toEqual([]);
  expect((await ours()).map(({ Id }) => Id)).toEqual([own?.id]);
});
