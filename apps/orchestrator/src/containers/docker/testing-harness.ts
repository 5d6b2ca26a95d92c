/** Containers of a real engine whose agents link up with a server of the test, which tells them what to run. */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NODE_IMAGE } from "@bellows/protocol/image";
import { buildRunner } from "@bellows/runner/testing/built-runner";
import { bundleOf, LinkServer } from "@bellows/runner/testing/link-server";
import type Docker from "dockerode";
import type { DriverHarness } from "../conformance.ts";
import type { ContainerDriver, ContainerSpec } from "../driver.ts";
import { nameOf } from "./container-labels.ts";
import { createDockerDriver } from "./docker-driver.ts";
import { engineAddress, openEngine } from "./engine.ts";
import { hostImage } from "./images/host-image.ts";
import { runnerLayer } from "./images/runner-layer.ts";

/** Starts a child, and then neither yields nor ends. */
const STUBBORN = bundleOf(
  `() => {
    spawn("sh", ["-c", "trap '' TERM; while :; do :; done"], { stdio: "ignore" }).once("spawn", () => {
      console.log("stubborn");
      for (;;);
    });
    return new Promise(() => {});
  }`,
  'import { spawn } from "node:child_process";',
);

export class DockerHarness implements DriverHarness {
  readonly server = new LinkServer();
  readonly folder = mkdtempSync(join(tmpdir(), "bellows-docker-"));
  readonly linkFolder = join(this.folder, "run");
  readonly docker = openEngine(engineAddress(process.env));
  readonly instance = randomUUID();
  #image = Promise.resolve("");
  #bundleHash = "";

  async start(): Promise<void> {
    const parts = { nodePath: process.execPath, ...buildRunner(join(this.folder, "dist")) };
    this.#image = runnerLayer(parts).then((layer) => hostImage(this.docker, layer));
    mkdirSync(this.linkFolder, { mode: 0o755 });
    const socketPath = join(this.linkFolder, "link.sock");
    await this.server.start(socketPath);
    chmodSync(socketPath, 0o666);
    this.#bundleHash = this.server.addBundle(STUBBORN);
    await this.#image;
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  driver(): ContainerDriver {
    return this.#over(this.docker, this.instance);
  }

  otherInstance(): ContainerDriver {
    return this.#over(this.docker, randomUUID());
  }

  brokenDriver(): ContainerDriver {
    return this.#over(this.docker, randomUUID(), "bellows/no-such-image:1");
  }

  withoutEngine(): ContainerDriver {
    return this.#over(openEngine({ socketPath: join(this.folder, "no.sock"), text: "" }), this.instance);
  }

  #over(docker: Docker, instance: string, image?: string): ContainerDriver {
    return createDockerDriver({
      docker,
      cores: 2,
      stateDir: this.folder,
      prepare: async () => {},
      builder: "this-process",
      build: async () => image ?? (await this.#image),
      confinement: {
        instance,
        linkFolder: this.linkFolder,
        linkSocketName: "link.sock",
        network: "none",
        runtime: null,
        init: true,
      },
    });
  }

  spec(containerId: string): ContainerSpec {
    this.server.assign(containerId, { bundleHash: this.#bundleHash });
    return {
      containerId,
      functionId: "a-function",
      deploymentId: "a-deployment",
      image: { definition: NODE_IMAGE, packages: {} },
      linkUrl: "",
      token: `token-of-${containerId}`,
      memoryMiB: null,
      cpu: null,
      blockNetwork: false,
      volumes: [],
      gpus: [{ id: "3", name: "H100" }],
    };
  }

  async linked(containerId: string): Promise<void> {
    await this.server.agent(containerId).frame("hello");
  }

  async makeStubborn(containerId: string): Promise<void> {
    const agent = this.server.agent(containerId);
    await agent.frame("ready");
    agent.run([]);
    await agent.until(() => agent.logs().some((line) => line[4] === "stubborn"));
  }

  async crash(containerId: string): Promise<void> {
    await this.docker.getContainer(nameOf(containerId)).kill({ signal: "SIGKILL" });
  }

  async processesLeft(containerId: string): Promise<number> {
    const container = this.docker.getContainer(nameOf(containerId));
    return await container.top().then(
      ({ Processes }) => Processes.length,
      () => 0,
    );
  }
}
