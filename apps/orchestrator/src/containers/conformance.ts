/**
 * What every container driver promises, as tests that each driver's own test file runs (`describeDriver`). The harness
 * brings what differs: how to make a driver over the same state as an earlier one, and how to look at containers from outside.
 */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ContainerDriver, ContainerSpec, DriverEvent } from "./driver.ts";

export interface DriverHarness {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A driver over the harness's state, as a restarted orchestrator makes it. */
  driver(): ContainerDriver;
  /** A driver over another state: of a second copy on the same host. */
  otherInstance(): ContainerDriver;
  /** A driver whose state cannot be written. */
  brokenDriver(): ContainerDriver;
  /** Of a container that is not there yet. */
  spec(containerId: string): ContainerSpec;
  /** Resolves when the agent of the container has connected. */
  linked(containerId: string): Promise<void>;
  /** Makes user code in it start a process, refuse to end and ignore SIGTERM. Resolves when that runs. */
  makeStubborn(containerId: string): Promise<void>;
  /** The lines that its code has printed so far. */
  printed(containerId: string): string[];
  /** What it uses, as its agent tells it; resolves when that is more than so much of a core. */
  usageOver(containerId: string, cpuPercent: number): Promise<{ memoryBytes: number }>;
  /** Ends it from outside, as a crash would. */
  crash(containerId: string): Promise<void>;
  /** Leaves what an orchestrator leaves that is killed in the middle of a start. */
  halfStart(containerId: string): Promise<void>;
  /** Whether anything of the container is still there, running or not. */
  remains(containerId: string): Promise<boolean>;
  /** Cuts its link and resolves when its agent has come back, and so has said that it had none. */
  cutLink(containerId: string): Promise<void>;
  /** How many processes the container has had that still run. */
  processesLeft(containerId: string): Promise<number>;
}

export function describeDriver(name: string, harness: DriverHarness): void {
  describe(`driver ${name}`, () => {
    const drivers: ContainerDriver[] = [];
    beforeAll(() => harness.start());
    // An instance has one driver at a time: another would take a container that is being made for one left behind.
    afterEach(async () => {
      for (const driver of drivers.splice(0)) await driver.close();
    });
    afterAll(async () => {
      const last = watched(harness.driver()).driver;
      for (const { containerId } of await last.list()) await last.stop(containerId, { graceMs: 0 });
      for (const driver of drivers) await driver.close();
      await harness.stop();
    });

    function watched(driver: ContainerDriver) {
      const events: DriverEvent[] = [];
      driver.onEvent((event) => events.push(event));
      drivers.push(driver);
      return { driver, exit: (containerId: string) => events.filter((event) => event.containerId === containerId) };
    }

    async function started(driver: ContainerDriver): Promise<ContainerSpec> {
      const spec = harness.spec(randomUUID());
      await driver.start(spec);
      await harness.linked(spec.containerId);
      return spec;
    }

    async function listed(driver: ContainerDriver, containerId: string) {
      return (await driver.list()).find((container) => container.containerId === containerId);
    }

    it("starts a container that connects, and lists it", async () => {
      const { driver } = watched(harness.driver());
      const { containerId, functionId, deploymentId, gpus } = await started(driver);
      expect(await listed(driver, containerId)).toMatchObject({
        containerId,
        functionId,
        deploymentId,
        handle: expect.stringMatching(/./),
        createdAtMs: expect.any(Number),
        gpus,
      });
    });

    it("refuses a second container of the same id", async () => {
      const { driver } = watched(harness.driver());
      const spec = await started(driver);
      await expect(driver.start(spec)).rejects.toMatchObject({ code: "CONFLICT" });
      expect(await listed(driver, spec.containerId)).toBeDefined();
    });

    it("stops one that ends when asked, and calls it no failure", async () => {
      const { driver, exit } = watched(harness.driver());
      const { containerId } = await started(driver);
      await driver.stop(containerId, { graceMs: 60_000 });
      expect(await listed(driver, containerId)).toBeUndefined();
      await expect.poll(() => exit(containerId)).toEqual([{ type: "exited", containerId, error: null }]);
      await expect.poll(() => harness.processesLeft(containerId)).toBe(0);
    });

    it("kills one that does not end in time, with everything it started", async () => {
      const { driver, exit } = watched(harness.driver());
      const { containerId } = await started(driver);
      await harness.makeStubborn(containerId);
      await driver.stop(containerId, { graceMs: 200 });
      expect(await harness.processesLeft(containerId)).toBe(0);
      await expect.poll(() => exit(containerId)).toEqual([{ type: "exited", containerId, error: null }]);
    });

    it("lets through what code prints, and how much memory and CPU its container uses", async () => {
      const { driver } = watched(harness.driver());
      const { containerId } = await started(driver);
      await harness.makeStubborn(containerId);
      expect(harness.printed(containerId)).toEqual(["stubborn"]);
      // An agent and a worker, which computes without end.
      const { memoryBytes } = await harness.usageOver(containerId, 20);
      expect(memoryBytes).toBeGreaterThan(32 * 1024 ** 2);
      expect(memoryBytes).toBeLessThan(1024 ** 3);
      await driver.stop(containerId, { graceMs: 0 });
    });

    it("kills at once when there is no grace, even while another stop waits", async () => {
      const { driver } = watched(harness.driver());
      const { containerId } = await started(driver);
      await harness.makeStubborn(containerId);
      const patient = driver.stop(containerId, { graceMs: 600_000 });
      await driver.stop(containerId, { graceMs: 0 });
      await patient;
      expect(await harness.processesLeft(containerId)).toBe(0);
    });

    it("stops what it does not know without a word", async () => {
      const { driver } = watched(harness.driver());
      await driver.stop(randomUUID(), { graceMs: 0 });
    });

    it("says what ended a container that was not asked to end, and leaves none of it behind", async () => {
      const { driver, exit } = watched(harness.driver());
      const { containerId } = await started(driver);
      await harness.makeStubborn(containerId);
      await harness.crash(containerId);
      await expect.poll(() => exit(containerId)).toHaveLength(1);
      expect(exit(containerId)[0]?.error).toMatchObject({
        code: "CONTAINER_CRASHED",
        message: expect.stringMatching(containerId),
      });
      expect(await listed(driver, containerId)).toBeUndefined();
      expect(await harness.remains(containerId)).toBe(false);
      await expect.poll(() => harness.processesLeft(containerId)).toBe(0);
    });

    it("says what its agent said last when a container ends by itself", async () => {
      const { driver, exit } = watched(harness.driver());
      const { containerId } = await started(driver);
      await harness.cutLink(containerId);
      await harness.crash(containerId);
      await expect.poll(() => exit(containerId)).toHaveLength(1);
      expect(exit(containerId)[0]?.error?.message).toMatch(/said last:\n.*no link to the orchestrator/);
    });

    it("leaves nothing of a start that an earlier orchestrator did not live to finish", async () => {
      const containerId = randomUUID();
      await harness.halfStart(containerId);
      expect(await harness.remains(containerId)).toBe(true);
      const { driver, exit } = watched(harness.driver());
      expect(await listed(driver, containerId)).toBeUndefined();
      expect(await harness.remains(containerId)).toBe(false);
      expect(exit(containerId)).toEqual([]);
    });

    it("lets a container outlive it, and the next driver adopts it", async () => {
      const first = watched(harness.driver());
      const { containerId, gpus } = await started(first.driver);
      const { handle } = (await listed(first.driver, containerId)) ?? {};
      await first.driver.close();
      const second = watched(harness.driver());
      expect(await listed(second.driver, containerId)).toMatchObject({ containerId, handle, gpus });
      await second.driver.stop(containerId, { graceMs: 60_000 });
      await expect.poll(() => second.exit(containerId)).toEqual([{ type: "exited", containerId, error: null }]);
      expect(first.exit(containerId)).toEqual([]);
      await expect.poll(() => harness.processesLeft(containerId)).toBe(0);
    });

    it("says what ended an adopted container, too", async () => {
      const first = watched(harness.driver());
      const { containerId } = await started(first.driver);
      await first.driver.close();
      const second = watched(harness.driver());
      await second.driver.list();
      await harness.crash(containerId);
      await expect.poll(() => second.exit(containerId), { timeout: 5_000 }).toHaveLength(1);
      expect(second.exit(containerId)[0]?.error).toMatchObject({ code: "CONTAINER_CRASHED" });
    });

    it("lists nothing that ended while nobody watched", async () => {
      const first = watched(harness.driver());
      const { containerId } = await started(first.driver);
      await first.driver.close();
      await harness.crash(containerId);
      await expect.poll(() => harness.processesLeft(containerId)).toBe(0);
      const second = watched(harness.driver());
      expect(await listed(second.driver, containerId)).toBeUndefined();
      expect(second.exit(containerId)).toEqual([]);
    });

    it("sees and touches nothing of another instance on the same host", async () => {
      const { driver } = watched(harness.driver());
      const { containerId } = await started(driver);
      const { driver: other } = watched(harness.otherInstance());
      expect(await other.list()).toEqual([]);
      await other.stop(containerId, { graceMs: 0 });
      expect(await harness.processesLeft(containerId)).toBeGreaterThan(0);
    });

    it("says what to do when it cannot start anything", async () => {
      const { driver } = watched(harness.brokenDriver());
      const spec = harness.spec(randomUUID());
      await expect(driver.start(spec)).rejects.toMatchObject({ code: "STARTUP", message: expect.stringMatching(/;/) });
      expect(await driver.list()).toEqual([]);
    });
  });
}
