import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NODE_IMAGE } from "@bellows/protocol/image";
import { OWN_SDK_FOLDER } from "@bellows/runner/paths";
import { buildRunner } from "@bellows/runner/testing/built-runner";
import { bundleOf } from "@bellows/runner/testing/link-server";
import { isRunning } from "@bellows/runner/testing/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DriverHarness, describeDriver } from "./conformance.ts";
import { containerPaths, reserve } from "./container-records.ts";
import type { ContainerDriver, ContainerSpec } from "./driver.ts";
import { createProcessDriver } from "./process-driver.ts";
import { processes, processOf, treeOf } from "./process-table.ts";
import { LinkedAgents } from "./testing-linked-agents.ts";

/** Starts a child, and then neither yields nor ends. */
const STUBBORN = bundleOf(
  `() => {
    spawn("sleep", ["600"], { stdio: "ignore" }).once("spawn", () => { console.log("stubborn"); for (;;); });
    return new Promise(() => {});
  }`,
  'import { spawn } from "node:child_process";',
);

class ProcessHarness extends LinkedAgents implements DriverHarness {
  readonly folder = mkdtempSync(join(tmpdir(), "bellows-driver-"));
  readonly stateDir = join(this.folder, "state");
  readonly #seen = new Map<string, Set<number>>();
  #agentPath = "";
  #bundleHash = "";

  async start(): Promise<void> {
    this.#agentPath = buildRunner(join(this.folder, "dist")).agentPath;
    await this.server.start();
    this.#bundleHash = this.server.addBundle(STUBBORN);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  driver(): ContainerDriver {
    return this.over(this.stateDir);
  }

  otherInstance(): ContainerDriver {
    return this.over(join(this.folder, "other-state"));
  }

  brokenDriver(): ContainerDriver {
    const notAFolder = join(this.folder, "a-file");
    writeFileSync(notAFolder, "");
    return this.over(notAFolder);
  }

  over(stateDir: string, nodePath = process.execPath): ContainerDriver {
    return createProcessDriver({
      stateDir,
      nodePath,
      agentPath: this.#agentPath,
      cacheDir: join(this.folder, "cache"),
      ownSdkFolder: OWN_SDK_FOLDER,
      archive: async () => new Uint8Array(),
    });
  }

  spec(containerId: string): ContainerSpec {
    this.server.assign(containerId, { bundleHash: this.#bundleHash });
    return {
      containerId,
      functionId: "a-function",
      deploymentId: "a-deployment",
      image: { definition: NODE_IMAGE, packages: {} },
      linkUrl: this.server.linkUrl,
      token: `token-of-${containerId}`,
      memoryMiB: null,
      volumes: [],
      cpu: null,
      gpus: [{ id: "3", name: "H100" }],
      blockNetwork: false,
    };
  }

  override async linked(containerId: string): Promise<void> {
    await super.linked(containerId);
    await this.#look(containerId);
  }

  override async makeStubborn(containerId: string): Promise<void> {
    await super.makeStubborn(containerId);
    await this.#look(containerId);
  }

  async crash(containerId: string): Promise<void> {
    process.kill(this.agentPid(containerId), "SIGKILL");
  }

  async halfStart(containerId: string): Promise<void> {
    const { functionId, deploymentId } = this.spec(containerId);
    await reserve(this.stateDir, {
      containerId,
      functionId,
      deploymentId,
      createdAtMs: Date.now(),
      gpus: [],
      process: null,
    });
  }

  async remains(containerId: string): Promise<boolean> {
    return existsSync(containerPaths(this.stateDir, containerId).record);
  }

  async processesLeft(containerId: string): Promise<number> {
    return [...(this.#seen.get(containerId) ?? [])].filter(isRunning).length;
  }

  agentPid(containerId: string): number {
    const record: { process: { pid: number } } = JSON.parse(
      readFileSync(containerPaths(this.stateDir, containerId).record, "utf8"),
    );
    return record.process.pid;
  }

  async #look(containerId: string): Promise<void> {
    const seen = this.#seen.get(containerId) ?? new Set();
    for (const { pid } of treeOf(this.agentPid(containerId), await processes())) seen.add(pid);
    this.#seen.set(containerId, seen);
  }
}

describeDriver("process", new ProcessHarness());

describe("process driver", () => {
  const harness = new ProcessHarness();
  const drivers: ContainerDriver[] = [];
  beforeAll(() => harness.start());
  afterAll(async () => {
    for (const driver of drivers) {
      for (const { containerId } of await driver.list()) await driver.stop(containerId, { graceMs: 0 });
      await driver.close();
    }
    await harness.stop();
  });

  function driverOf(driver: ContainerDriver): ContainerDriver {
    drivers.push(driver);
    return driver;
  }

  it("leaves nothing in the state folder of a container that has ended", async () => {
    const driver = driverOf(harness.driver());
    const spec = harness.spec("11111111-1111-4111-8111-111111111111");
    await driver.start(spec);
    await harness.linked(spec.containerId);
    await driver.stop(spec.containerId, { graceMs: 0 });
    for (const folder of ["containers", "logs/containers", "work"]) {
      expect(readdirSync(join(harness.stateDir, folder))).toEqual([]);
    }
  });

  it("never touches a process that has the number of a container that is gone", async () => {
    const driver = driverOf(harness.driver());
    const containerId = "22222222-2222-4222-8222-222222222222";
    const own = await processOf(process.pid);
    const record = { containerId, functionId: "f", deploymentId: "d", createdAtMs: 0 };
    mkdirSync(join(harness.stateDir, "containers"), { recursive: true });
    writeFileSync(
      containerPaths(harness.stateDir, containerId).record,
      JSON.stringify({ ...record, process: { pid: own?.pid, startedAt: "at another time" } }),
    );
    await driver.stop(containerId, { graceMs: 0 });
    expect(await driver.list()).toEqual([]);
  });

  it("finds a container again whose start was cut short before its record was complete", async () => {
    const first = harness.driver();
    const spec = harness.spec("33333333-3333-4333-8333-333333333333");
    await first.start(spec);
    await harness.linked(spec.containerId);
    await first.close();
    const pid = harness.agentPid(spec.containerId);
    const { record } = containerPaths(harness.stateDir, spec.containerId);
    writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, "utf8")), process: null }));
    const second = driverOf(harness.driver());
    expect(await second.list()).toMatchObject([{ containerId: spec.containerId, handle: String(pid) }]);
    await second.stop(spec.containerId, { graceMs: 0 });
  });

  it("removes what a killed orchestrator has left of starts and ends that it was in the middle of", async () => {
    const first = harness.driver();
    const spec = harness.spec("55555555-5555-4555-8555-555555555555");
    await first.start(spec);
    await harness.linked(spec.containerId);
    await first.close();
    const cut = containerPaths(harness.stateDir, "66666666-6666-4666-8666-666666666666");
    writeFileSync(cut.record, "");
    writeFileSync(`${cut.record}.77777777-7777-4777-8777-777777777777`, "{}");
    writeFileSync(cut.exitStatus, "0");
    writeFileSync(cut.log, "hello");
    mkdirSync(cut.work, { recursive: true });
    writeFileSync(join(harness.stateDir, "containers", "not-ours.txt"), "");
    const second = driverOf(harness.driver());
    expect(await second.list()).toMatchObject([{ containerId: spec.containerId }]);
    expect(readdirSync(join(harness.stateDir, "containers")).sort()).toEqual([
      `${spec.containerId}.json`,
      "not-ours.txt",
    ]);
    for (const folder of ["logs/containers", "work"]) {
      expect(readdirSync(join(harness.stateDir, folder)).map((name) => name.slice(0, 36))).toEqual([spec.containerId]);
    }
    await second.stop(spec.containerId, { graceMs: 0 });
    rmSync(join(harness.stateDir, "containers", "not-ours.txt"));
  });

  it("says so when there is no Node to start, and forgets the container", async () => {
    const driver = driverOf(harness.over(harness.stateDir, join(harness.folder, "no-node")));
    const spec = harness.spec("44444444-4444-4444-8444-444444444444");
    await expect(driver.start(spec)).rejects.toMatchObject({
      code: "STARTUP",
      message: expect.stringContaining("no-node"),
    });
    expect(await driver.list()).toEqual([]);
  });
});
