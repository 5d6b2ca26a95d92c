/** What the driver keeps true when the engine's connection is cut, and what it says of what the engine cannot do. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ContainerDriver, DriverEvent } from "../driver.ts";
import { INSTANCE_LABEL, nameOf } from "./container-labels.ts";
import { asked, engineAddress, openEngine } from "./engine.ts";
import { engineDoor } from "./testing-engine-door.ts";
import { DockerHarness } from "./testing-harness.ts";

const harness = new DockerHarness(process.env);
const { docker } = harness;
const door = engineDoor(join(harness.folder, "engine.sock"), engineAddress(process.env).socketPath);
let driver: ContainerDriver;
let events: DriverEvent[];

beforeAll(() => harness.start());
afterAll(() => harness.stop());

beforeEach(async () => {
  await door.open();
  driver = harness.over(openEngine({ socketPath: door.socketPath, text: "" }), harness.instance);
  events = [];
  driver.onEvent((event) => events.push(event));
});

afterEach(async () => {
  door.refuse(undefined);
  await door.shut();
  await driver.close();
  for (const { Id } of await ours()) await docker.getContainer(Id).remove({ force: true });
});

/** Of the test's own instance, running or not. */
function ours() {
  return docker.listContainers({ all: true, filters: { label: [`${INSTANCE_LABEL}=${harness.instance}`] } });
}

describe("an engine that goes away and comes back", () => {
  it("has ended a container meanwhile: its end is told once, with its reason, and nothing of it is left", async () => {
    const { containerId } = await harness.evaluator(driver);
    await door.shut();
    await harness.crash(containerId);
    await expect.poll(() => harness.processesLeft(containerId)).toBe(0);
    expect(events).toEqual([]);
    await door.open();
    await expect.poll(() => events, { timeout: 20_000 }).toHaveLength(1);
    expect(events[0]).toMatchObject({
      containerId,
      error: { code: "CONTAINER_CRASHED", message: expect.stringMatching(/signal 9/) },
    });
    expect(await ours()).toEqual([]);
  });

  it("has kept one running: it is stopped as before, and its end is told", async () => {
    const { containerId } = await harness.evaluator(driver);
    await door.shut();
    await door.open();
    await driver.stop(containerId, { graceMs: 60_000 });
    await expect.poll(() => events).toEqual([{ type: "exited", containerId, error: null }]);
    expect(await ours()).toEqual([]);
  });

  it("is cut while the end of a container is read: the end is told when it is back", async () => {
    const { containerId } = await harness.evaluator(driver);
    const shut = door.whenShut();
    door.shutAfter(/^GET .*\/containers\/[^/]+\/json/);
    await harness.crash(containerId);
    await shut;
    expect(events).toEqual([]);
    await door.open();
    await expect.poll(() => events, { timeout: 20_000 }).toHaveLength(1);
    expect(events[0]).toMatchObject({ containerId, error: { code: "CONTAINER_CRASHED" } });
    expect(await ours()).toEqual([]);
  });

  it.each([
    ["made", /^POST .*\/containers\/create/],
    ["started", /^POST .*\/containers\/[^/]+\/start/],
  ])(
    "is cut when a container has been %s and before it says so: the start fails, and nothing is left",
    async (_what, request) => {
      const spec = harness.spec(randomUUID());
      door.shutAfter(request);
      await expect(driver.start(spec)).rejects.toMatchObject({
        code: "STARTUP",
        message: expect.stringMatching(/does not answer/),
      });
      expect(await ours()).toHaveLength(1);
      await door.open();
      await expect.poll(ours, { timeout: 20_000 }).toEqual([]);
      expect(await driver.list()).toEqual([]);
      expect(events).toEqual([]);
    },
  );

  it("is away when a container is to be stopped: whoever asks is told, and it ends when the engine is back", async () => {
    const { containerId } = await harness.evaluator(driver);
    await door.shut();
    await expect(driver.stop(containerId, { graceMs: 1_000 })).rejects.toMatchObject({
      message: expect.stringMatching(/does not answer/),
    });
    expect(await harness.processesLeft(containerId)).toBeGreaterThan(0);
    await door.open();
    await expect.poll(() => events, { timeout: 20_000 }).toEqual([{ type: "exited", containerId, error: null }]);
    expect(await ours()).toEqual([]);
  });
});

describe("an engine in trouble", () => {
  const killed = { code: "CONTAINER_CRASHED", message: expect.stringMatching(/signal 9/) };

  it("cannot remove a container: its end is told all the same, once, and it is removed when it can be", async () => {
    const { containerId } = await harness.evaluator(driver);
    door.refuse(/^DELETE /);
    await harness.crash(containerId);
    await expect.poll(() => events, { timeout: 10_000 }).toMatchObject([{ containerId, error: killed }]);
    expect(await ours()).toHaveLength(1);
    door.refuse(undefined);
    await expect.poll(ours, { timeout: 20_000 }).toEqual([]);
    expect(events).toHaveLength(1);
  });

  it("cannot say how a container ended: it is asked until it can, without an event or a look", async () => {
    const { containerId } = await harness.evaluator(driver);
    door.refuse(/^GET .*\/containers\/[^/]+\/json/);
    await harness.crash(containerId);
    await expect.poll(() => harness.processesLeft(containerId)).toBe(0);
    expect(events).toEqual([]);
    door.refuse(undefined);
    await expect.poll(() => events, { timeout: 20_000 }).toMatchObject([{ containerId, error: killed }]);
    expect(await ours()).toEqual([]);
  });
});

describe("what the engine cannot do is one sentence that says what to do", () => {
  it("no engine", async () => {
    await door.shut();
    await expect(driver.start(harness.spec(randomUUID()))).rejects.toMatchObject({
      code: "STARTUP",
      message: expect.stringMatching(/the Docker engine does not answer \(.*\); start it, or set DOCKER_HOST/),
    });
    await expect(driver.list()).rejects.toMatchObject({ message: expect.stringMatching(/start it/) });
    await door.open();
  });

  it("no image", async () => {
    const broken = harness.brokenDriver();
    await expect(broken.start(harness.spec(randomUUID()))).rejects.toMatchObject({
      code: "STARTUP",
      message: expect.stringMatching(/its image is not there any more \(.*no-such-image.*\); it is built again/),
    });
    await broken.close();
  });

  it("no room on its disk", async () => {
    // The engine copies what the image has at the place of an empty volume into it: 100 MB into one of 1 MiB.
    const volume = `bellows-test-${randomUUID()}`;
    const DriverOpts = { type: "tmpfs", device: "tmpfs", o: "size=1m" };
    await docker.createVolume({ Name: volume, Driver: "local", DriverOpts });
    try {
      const full = asked("no container could be started", async () => {
        const container = await docker.createContainer({
          name: nameOf(randomUUID()),
          Image: await harness.image,
          Cmd: ["/opt/bellows/bin/node"],
          Labels: { [INSTANCE_LABEL]: harness.instance },
          HostConfig: { Binds: [`${volume}:/opt/bellows`] },
        });
        await container.start();
      });
      await expect(full).rejects.toMatchObject({
        code: "STARTUP",
        message: expect.stringMatching(/the disk of the Docker engine is full \(.*\); `docker system prune` frees/),
      });
    } finally {
      for (const { Id } of await ours()) await docker.getContainer(Id).remove({ force: true, v: true });
      await docker.getVolume(volume).remove();
    }
  });

  it("a name that is taken", async () => {
    const { containerId } = await harness.evaluator(driver);
    const stranger = harness.otherInstance();
    await expect(stranger.start(harness.spec(containerId))).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(/there is a container of this name already/),
    });
    await stranger.close();
    expect(await harness.processesLeft(containerId)).toBeGreaterThan(0);
  });

  it("a container that somebody else removed", async () => {
    const { containerId } = await harness.evaluator(driver);
    await docker.getContainer(nameOf(containerId)).remove({ force: true });
    await expect.poll(() => events).toHaveLength(1);
    expect(events[0]).toMatchObject({ containerId, error: { code: "CONTAINER_CRASHED" } });
  });
});
