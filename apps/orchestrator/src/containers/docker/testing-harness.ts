/** Containers of a real engine whose agents link up with a server of the test, which tells them what to run. */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { NODE_IMAGE } from "@bellows/protocol/image";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue } from "@bellows/protocol/values";
import { OWN_SDK_FOLDER } from "@bellows/runner/paths";
import { buildRunner } from "@bellows/runner/testing/built-runner";
import { bundleOf, type LinkedAgent, sameAttempt } from "@bellows/runner/testing/link-server";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import type { DriverHarness } from "../conformance.ts";
import type { ContainerDriver, ContainerSpec } from "../driver.ts";
import { LinkedAgents } from "../testing-linked-agents.ts";
import { nameOf } from "./container-labels.ts";
import { type Confinement, createOptions } from "./container-options.ts";
import { createDockerDriver } from "./docker-driver.ts";
import { engineAddress, openEngine } from "./engine.ts";
import { createImageBuilder } from "./images/image-builder.ts";

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

/** Runs the text it is given as the body of an async function. */
const EVALUATE = bundleOf(
  `(text) => new Function("require", "return (async () => {" + text + "})()")(createRequire("/"))`,
  'import { createRequire } from "node:module";',
);

/** One container whose code is told what to do. */
export interface Evaluator {
  containerId: string;
  agent: LinkedAgent;
  /** The value that the text returns. @throws Error with what it threw, or what ended it. */
  run(text: string): Promise<unknown>;
}

export class DockerHarness extends LinkedAgents implements DriverHarness {
  readonly folder = mkdtempSync(join(tmpdir(), "bellows-docker-"));
  readonly linkFolder = join(this.folder, "link");
  readonly docker: Docker;
  readonly instance = randomUUID();
  #image = Promise.resolve("");
  #bundleHash = "";
  #evaluateHash = "";

  /** Of this working tree, whatever has been built before. */
  readonly parts = {
    nodePath: process.execPath,
    ...buildRunner(join(this.folder, "dist")),
    ownSdkFolder: OWN_SDK_FOLDER,
  };

  constructor(environment: Record<string, string | undefined>) {
    super();
    this.docker = openEngine(engineAddress(environment));
  }

  async start(): Promise<void> {
    this.#image = this.#builtImage();
    mkdirSync(this.linkFolder, { mode: 0o755 });
    const socketPath = join(this.linkFolder, "link.sock");
    await this.server.start(socketPath);
    chmodSync(socketPath, 0o666);
    this.#bundleHash = this.server.addBundle(STUBBORN);
    this.#evaluateHash = this.server.addBundle(EVALUATE);
    await this.#image;
  }

  /** As most are: on top of the host's Node is what a process before this one has added. */
  async #builtImage(): Promise<string> {
    const tar = pack();
    tar.entry({ name: "added" }, "by a step");
    tar.finalize();
    const archive = gzipSync(await buffer(tar));
    const { build } = createImageBuilder({
      docker: this.docker,
      instance: this.instance,
      builder: "a-process-before",
      parts: this.parts,
      stateDir: this.folder,
      environment: {},
      archive: async () => archive,
    });
    const steps = [{ type: "copy" as const, from: "added", to: "added", archive: "0".repeat(64) }];
    return await build({ definition: { base: { type: "node" }, steps }, packages: {} }, () => {});
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  get image(): Promise<string> {
    return this.#image;
  }

  driver(): ContainerDriver {
    return this.over(this.docker, this.instance);
  }

  otherInstance(): ContainerDriver {
    return this.over(this.docker, randomUUID());
  }

  brokenDriver(): ContainerDriver {
    return this.over(this.docker, randomUUID(), { image: "bellows/no-such-image:1" });
  }

  withoutEngine(): ContainerDriver {
    return this.over(openEngine({ socketPath: join(this.folder, "no.sock"), text: "" }), this.instance);
  }

  /** A driver that asks this client of the engine. */
  over(
    docker: Docker,
    instance: string,
    { image, network = "none" }: { image?: string; network?: string } = {},
  ): ContainerDriver {
    return createDockerDriver({
      docker,
      cores: 2,
      stateDir: this.folder,
      limits: { memoryLimit: true, cpuLimit: true },
      prepare: async () => {},
      builder: "this-process",
      build: async () => image ?? (await this.#image),
      confinement: { ...this.#confinement(network), instance },
    });
  }

  #confinement(network: string): Omit<Confinement, "image" | "imageVolumes" | "volumeFolders"> {
    const { instance, linkFolder } = this;
    return { instance, linkFolder, linkSocketName: "link.sock", network, runtime: null, init: true };
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

  /** A container that will do what it is told, with these limits. */
  obedient(limits: Partial<ContainerSpec>): { spec: ContainerSpec; agent: LinkedAgent } {
    const spec = { ...this.spec(randomUUID()), ...limits };
    const { containerId, memoryMiB } = spec;
    return { spec, agent: this.server.assign(containerId, { bundleHash: this.#evaluateHash, memoryMiB }) };
  }

  /** Starts one. */
  async evaluator(driver: ContainerDriver, limits: Partial<ContainerSpec> = {}): Promise<Evaluator> {
    const { spec, agent } = this.obedient(limits);
    const { containerId } = spec;
    await driver.start(spec);
    await agent.frame("ready");
    const run = async (text: string): Promise<unknown> => {
      const ref = agent.runOne(text);
      const lost = () =>
        agent.framesOf("lost").find(({ attempts }) => attempts.some((attempt) => sameAttempt(attempt, ref)))?.error;
      const end = await agent.until(() => agent.outputs().find((output) => sameAttempt(output.ref, ref)) ?? lost());
      if (!("item" in end)) throw new Error(end.message);
      const [, , status, payload] = end.item;
      if (status === OUTPUT_STATUS.succeeded) return decodeValue(payload);
      throw new Error(JSON.stringify(decodeValue(payload)));
    };
    return { containerId, agent, run };
  }

  async halfStart(containerId: string): Promise<void> {
    const options = createOptions(this.spec(containerId), {
      ...this.#confinement("none"),
      volumeFolders: [],
      imageVolumes: [],
      image: await this.#image,
    });
    await this.docker.createContainer(options);
  }

  async remains(containerId: string): Promise<boolean> {
    return await this.docker
      .getContainer(nameOf(containerId))
      .inspect()
      .then(
        () => true,
        () => false,
      );
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
