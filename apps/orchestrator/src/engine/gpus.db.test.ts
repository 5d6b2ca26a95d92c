/** The host of these tests has three H100 and one A10G. Whatever happens, no device is in two containers, and none gets lost. */
import { errorData, StartupError } from "@bellows/protocol/errors";
import { decodeValue } from "@bellows/protocol/values";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GIVE_WAY_MS } from "../core/gpu-giving.ts";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import type { TestAgent } from "../testing-containers.ts";
import { type TestOrchestrator, testWorld } from "../testing-world.ts";

const world = await testWorld();
const { driver, hooks } = world;
let orchestrator: TestOrchestrator;
let client: TestClient;

beforeEach(async () => {
  driver.answer = () => undefined;
  orchestrator = await world.start();
  client = await orchestrator.client();
});

afterEach(async () => {
  client.cut();
  await orchestrator.kill();
  driver.endAll();
  driver.links = true;
  driver.startError = undefined;
  hooks.building = undefined;
  world.clock.aheadMs = 0;
  expect(world.errors.splice(0)).toEqual([]);
});

function map(fn: TestFunction, count: number): string {
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0, count), close(opening.callId, count));
  return opening.callId;
}

/** The devices of each container of the function, once it has so many. */
function devicesOf({ functionId }: TestFunction, containers: number): Promise<string[]> {
  return until(() => {
    const found = driver.of(functionId).map(({ spec }) => spec.gpus.map(({ id }) => id).join());
    expect(found).toHaveLength(containers);
    return found.sort();
  });
}

function free(): string[] {
  const { devices, holders } = orchestrator.engines.gpus();
  return devices.map(({ id }) => id).filter((id) => !holders.has(id));
}

function endAllOf({ functionId }: TestFunction): void {
  for (const agent of driver.of(functionId)) for (const item of [...agent.held]) agent.end(item, item[3]);
}

function holding({ functionId }: TestFunction): Promise<TestAgent> {
  return until(() => {
    const found = driver.of(functionId).find(({ held }) => held.length > 0);
    if (!found) throw new Error("no container has an input");
    return found;
  });
}

test("two functions share the devices of the host, and who waits is told for what and gets it when it comes free", async () => {
  const many = await world.deploy({ gpu: "H100", scaledownWindow: "2s" });
  const pair = await world.deploy({ gpu: ["H200", "H100:2"] });
  const first = map(many, 5);
  expect(await devicesOf(many, 3)).toEqual(["0", "1", "2"]);
  const second = map(pair, 1);
  const reason = "wanted 1: 1 in flight / target 1; waiting for a GPU: wants H200 or H100:2; 3 of 3 are in use";
  await until(() =>
    expect(orchestrator.engines.stats(pair.functionId)).toMatchObject({ desiredContainers: 0, reason }),
  );
  expect(orchestrator.engines.gpus().waiting).toMatchObject([
    { functionId: pair.functionId, gpu: ["H200", "H100:2"], count: 1 },
    { functionId: many.functionId, gpu: ["H100"], count: 2 },
  ]);
  // The containers that there are do the rest of the first call, and end when they have been idle for long enough.
  driver.answer = ([, , , value]) => value;
  endAllOf(many);
  await client.hears("finished", first);
  expect((await devicesOf(pair, 1))[0]).toMatch(/^\d,\d$/);
  await client.hears("finished", second);
});

const ALL = ["0", "1", "2", "3"];

test("devices are free again when their container crashes, and when it is killed", async () => {
  const fn = await world.deploy({ gpu: "A10G" });
  const callId = map(fn, 1);
  const { containerId } = await holding(fn);
  driver.exit(containerId, { code: "CONTAINER_CRASHED", message: "killed by the test" });
  // Its input is tried again in another.
  expect((await holding(fn)).containerId).not.toBe(containerId);
  expect(free()).toEqual(["0", "1", "2"]);
  client.send({ type: "cancel", callId, terminateContainers: true });
  await until(() => expect(free()).toEqual(ALL));
});

test("devices are free again when a start fails in the driver or in the code", async () => {
  const fn = await world.deploy({ gpu: "H100" });
  driver.startError = new StartupError("no more processes");
  map(fn, 1);
  await until(() => expect(orchestrator.engines.stats(fn.functionId).degraded?.message).toContain("no more processes"));
  await until(() => expect(free()).toEqual(ALL));
  driver.startError = undefined;
  driver.links = false;
  const other = await world.deploy({ gpu: "A10G" });
  map(other, 1);
  await devicesOf(other, 1);
  const [agent] = driver.of(other.functionId);
  const found = orchestrator.engines.container(agent?.containerId ?? "");
  found?.engine.fleet.startFailed(found.entry, errorData(new StartupError("it threw")));
  // The next one has the only device there is: nothing was lost in between.
  await until(() => expect(driver.of(other.functionId)[0]?.containerId).not.toBe(agent?.containerId));
  expect(await devicesOf(other, 1)).toEqual(["3"]);
});

test("the device of a container that cannot be ended stays its own until it is", async () => {
  const fn = await world.deploy({ gpu: "A10G" });
  const stop = driver.stop.bind(driver);
  driver.stop = async () => {
    throw new StartupError("the engine does not answer");
  };
  const callId = map(fn, 1);
  await holding(fn);
  client.send({ type: "cancel", callId, terminateContainers: true });
  await until(() => expect(world.errors.splice(0).join()).toContain("could not be ended"));
  expect(free()).toEqual(["0", "1", "2"]);
  driver.stop = stop;
  for (const { containerId } of driver.of(fn.functionId)) await driver.stop(containerId, { graceMs: 0 });
  await until(() => expect(free()).toEqual(ALL));
});

test("after a restart containers keep their devices, and nobody else gets them", async () => {
  const fn = await world.deploy({ gpu: "H100" });
  map(fn, 2);
  expect(await devicesOf(fn, 2)).toEqual(["0", "1"]);
  await orchestrator.kill();
  // One of them ends while nobody looks.
  const [gone] = driver.of(fn.functionId);
  if (gone) driver.agents.delete(gone.containerId);
  const kept = driver.of(fn.functionId)[0]?.spec.gpus[0]?.id;
  orchestrator = await world.start([fn.functionId]);
  client.cut();
  client = await orchestrator.client();
  expect(orchestrator.engines.gpus().holders.get(kept ?? "")).toMatchObject({ functionId: fn.functionId });
  expect(orchestrator.engines.liveContainers(fn.functionId)).toMatchObject([{ gpus: [{ id: kept, name: "H100" }] }]);
  const other = await world.deploy({ gpu: "H100:2" });
  map(other, 1);
  expect(await devicesOf(other, 1)).toEqual([["0", "1", "2"].filter((id) => id !== kept).join()]);
});

test("a function that keeps all devices busy gives way to one that has waited for long, when an input of it has ended", async () => {
  const busy = await world.deploy({ gpu: "H100" });
  const other = await world.deploy({ gpu: "H100" });
  map(busy, 9);
  await devicesOf(busy, 3);
  await until(() => expect(driver.of(busy.functionId).every(({ held }) => held.length > 0)).toBe(true));
  map(other, 1);
  await until(() => expect(orchestrator.engines.gpus().waiting).toHaveLength(2));
  world.clock.aheadMs += GIVE_WAY_MS + 1_000;
  const ending = await until(() => {
    const found = orchestrator.engines.liveContainers(busy.functionId).length;
    const { containers } = orchestrator.engines.stats(busy.functionId);
    expect([found, containers.draining]).toEqual([3, 1]);
    return containers;
  });
  expect(ending.ready).toBe(2);
  endAllOf(busy);
  expect(await devicesOf(other, 1)).toHaveLength(1);
  await devicesOf(busy, 2);
});

test("a function that was deployed for GPUs the host has no more fails its calls with the reason, instead of waiting for ever", async () => {
  const fn = await world.deploy({ gpu: "H200:8" });
  const callId = map(fn, 1);
  await client.hears("finished", callId);
  const [[, , payload] = []] = client.outputs(callId);
  expect(payload && decodeValue(payload)).toMatchObject({
    code: "STARTUP",
    message: expect.stringContaining("this host has no H200:8; it has H100:3, A10G:1; deploy it with a gpu"),
  });
});

test("while its image is built a function takes no device and holds up nobody, and when it is there it waits like the others", async () => {
  const slow = await world.deploy({ gpu: "H100" });
  const other = await world.deploy({ gpu: "H100:3" });
  let built = (): void => {};
  hooks.building = () =>
    new Promise((resolve) => {
      built = resolve;
    });
  const first = map(slow, 2);
  const reason = "waiting for a GPU: none is taken before its image is built";
  await until(() => expect(orchestrator.engines.stats(slow.functionId).reason).toContain(reason));
  expect([free(), orchestrator.engines.gpus().waiting]).toEqual([ALL, []]);
  hooks.building = undefined;
  map(other, 1);
  expect(await devicesOf(other, 1)).toEqual(["0,1,2"]);
  await holding(other);
  built();
  await until(() =>
    expect(orchestrator.engines.gpus().waiting).toMatchObject([{ functionId: slow.functionId, count: 2 }]),
  );
  driver.answer = ([, , , value]) => value;
  world.clock.aheadMs += GIVE_WAY_MS + 1_000;
  endAllOf(other);
  await client.hears("finished", first);
});

test("an image that cannot be built is tried again, takes no device, and is the reason of failed calls", async () => {
  const unsteady = await world.deploy({ gpu: "H100" });
  const freeAt: string[][] = [];
  hooks.building = async () => {
    if (freeAt.length === 2) return;
    freeAt.push(free());
    throw new StartupError("step 2 of its image failed");
  };
  driver.answer = ([, , , value]) => value;
  const later = map(unsteady, 1);
  await client.hears("finished", later);
  expect(client.outputs(later).map(([, , payload]) => decodeValue(payload))).toEqual([0]);
  expect(freeAt).toEqual([ALL, ALL]);
  driver.endAll();

  const broken = await world.deploy({ gpu: "A10G" });
  hooks.building = async () => {
    throw new StartupError("step 2 of its image failed");
  };
  const callId = map(broken, 1);
  await client.hears("finished", callId);
  const [[, , payload] = []] = client.outputs(callId);
  expect(payload && decodeValue(payload)).toMatchObject({
    code: "STARTUP",
    message: expect.stringContaining("step 2 of its image failed"),
  });
  expect(orchestrator.engines.gpus().waiting).toEqual([]);
});

test("a function that is let go leaves the line, and the others pass", async () => {
  const holder = await world.deploy({ gpu: "H100:2" });
  const big = await world.deploy({ gpu: "H100:3" });
  const single = await world.deploy({ gpu: "H100" });
  map(holder, 1);
  await devicesOf(holder, 1);
  map(big, 1);
  await until(() => expect(orchestrator.engines.gpus().waiting).toHaveLength(1));
  map(single, 1);
  const reason = "waiting for a GPU: wants H100; 2 of 3 are in use, 1 is kept for who comes first";
  await until(() => expect(orchestrator.engines.stats(single.functionId).reason).toContain(reason));
  await world.stopApp(big);
  orchestrator.directory.invalidate();
  await orchestrator.engines.stopped([big.functionId]);
  expect(await devicesOf(single, 1)).toEqual(["2"]);
});
