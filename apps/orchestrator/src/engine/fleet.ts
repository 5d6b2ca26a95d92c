/**
 * The containers of one function and the driver that runs them: performs what the core asks for and tells the engine
 * what became of it. Containers outlive this process; what is here is found again from the driver's list.
 */
import type { CommandFrame } from "@bellows/protocol/agent-frames";
import { type ErrorData, errorData, StartupError } from "@bellows/protocol/errors";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { newId } from "@bellows/protocol/ids";
import { EXIT_HOOKS_GRACE_MS, HOST_STOP_INPUTS_MS } from "@bellows/protocol/worker-frames";
import type { Logger } from "pino";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import type { ContainerDriver } from "../containers/driver.ts";
import type { CoreEvent } from "../core/events.ts";
import type { Fact } from "../journal/facts.ts";
import { type ContainerEntry, ContainerTable } from "./container-table.ts";
import { FunctionGpus } from "./function-gpus.ts";
import type { GpuDesk } from "./gpu-desk.ts";
import { type Images, imageOf } from "./image-gate.ts";
import type { StandbyPool } from "./standby-pool.ts";

export interface FleetDeps {
  driver: ContainerDriver;
  /** Where agents connect, and what proves which container they are. */
  standby: Pick<StandbyPool, "claim">;
  linkUrl: string;
  containerToken: (containerId: string) => string;
  images: Images;
  now: () => number;
  log: Logger;
}

/** How long a stop waits for running inputs, then for exit hooks, and a moment for its agent to say so; then it is killed. */
const STOP_GRACE_MS = HOST_STOP_INPUTS_MS + EXIT_HOOKS_GRACE_MS + 5_000;
/** A container whose process lives but whose agent has not linked for so long is killed. */
const UNLINKED_GRACE_MS = 60_000;
/** A container that was told to end and has not done so for so long is killed. */
const END_PATIENCE_MS = 120_000;
/** A container that could not be ended, and has devices that others may wait for, is ended again after so long. */
const END_AGAIN_MS = 5_000;

export class Fleet {
  readonly containers: ContainerTable;
  readonly gpus: FunctionGpus;
  readonly #deps: FleetDeps;
  readonly #record: () => FunctionRecord;
  readonly #feed: (events: CoreEvent[]) => void;
  readonly #desk: GpuDesk;
  /** Set when the orchestrator shuts down: nothing is started any more. */
  #closing = false;

  constructor(
    deps: FleetDeps,
    engine: {
      record: () => FunctionRecord;
      feed: (events: CoreEvent[]) => void;
      append: (fact: Fact) => void;
      gpus: GpuDesk;
      /** So many more containers exist. */
      counted: (by: number) => void;
    },
  ) {
    this.#deps = deps;
    this.#record = engine.record;
    this.#feed = engine.feed;
    this.#desk = engine.gpus;
    this.gpus = new FunctionGpus({
      desk: engine.gpus,
      images: deps.images,
      driverName: deps.driver.name,
      record: engine.record,
      imageEnded: (error) => this.#imageEnded(error),
    });
    this.containers = new ContainerTable((entry, atMs) => {
      const { containerId, deploymentId, state, slots, timings, reason, error } = entry;
      const { functionId } = engine.record();
      const driver = deps.driver.name;
      engine.append({
        type: "containerMoved",
        containerId,
        functionId,
        deploymentId,
        driver,
        state,
        atMs,
        slots,
        timings,
        reason,
        error,
      });
    }, engine.counted);
  }

  /** A container of an earlier orchestrator process; its agent will link up and say what it holds. */
  adopt(container: Pick<ContainerEntry, "containerId" | "deploymentId" | "createdAtMs" | "gpus">): void {
    const { containerId, deploymentId, createdAtMs, gpus } = container;
    this.containers.add({ containerId, deploymentId, adopted: true, createdAtMs, gpus }, this.#deps.now());
    this.#feed([{ type: "containerStarting", containerId, deploymentId, adopted: true }]);
  }

  start(count: number, deploymentId: string): void {
    for (let started = 0; started < count && !this.#closing; started++) {
      if (this.#startOne(deploymentId)) continue;
      this.#feed([{ type: "startsRefused", count: count - started, deploymentId }]);
      return;
    }
  }

  /** False when there is no such container; one without a link says what it holds when it has one. */
  send(containerId: string, frame: CommandFrame): boolean {
    return this.containers.send(containerId, frame);
  }

  /** Lets the container finish what it has begun. Without a link the driver has to ask it. */
  drain(containerId: string, reason: string): void {
    const entry = this.#draining(containerId, reason);
    if (entry?.port) entry.port.send({ type: "drain" });
    else if (entry) void this.#end(containerId, STOP_GRACE_MS);
  }

  kill(containerId: string, reason: string): void {
    if (this.#draining(containerId, reason)) void this.#end(containerId, 0);
  }

  /** Ends all of them and starts no more. What runs in them gets a short grace. */
  async close(reason: string): Promise<void> {
    this.#closing = true;
    const containers = [...this.containers.values()];
    // The core has to know, or it would hand out again to them what they give back.
    this.#feed(containers.map(({ containerId }): CoreEvent => ({ type: "containerStopAsked", containerId, reason })));
    await Promise.all(
      containers.map((entry) => {
        this.#draining(entry.containerId, reason);
        return this.#end(entry.containerId, STOP_GRACE_MS);
      }),
    );
  }

  /** Starts no more, and lets go of those that run. */
  letGo(): void {
    this.#closing = true;
    for (const { port } of this.containers.values()) port?.close("this orchestrator owns the function no longer");
  }

  /** The driver says that a container has ended. */
  exited(containerId: string, error: ErrorData | null): void {
    this.#desk.release(containerId);
    const entry = this.containers.get(containerId);
    if (!entry) return;
    const expected = entry.state === "draining" || error === null;
    this.containers.move(entry, expected ? "stopped" : "failed", this.#deps.now(), { error: expected ? null : error });
    this.#feed([{ type: "containerGone", containerId, error: expected ? null : error }]);
  }

  /** Its code could not be started, or the driver could not create it. Told of one that is gone it changes nothing. */
  startFailed(entry: ContainerEntry, error: ErrorData): void {
    const { containerId } = entry;
    if (this.containers.get(containerId) !== entry) return;
    this.containers.move(entry, "failed", this.#deps.now(), { error, reason: error.message });
    this.#feed([{ type: "containerStartFailed", containerId, error }]);
    void this.#end(containerId, STOP_GRACE_MS);
  }

  /** Kills containers that have had no link for too long, and those that were told to end and do not. */
  endOverdue(): void {
    const nowMs = this.#deps.now();
    for (const { containerId, unlinkedAtMs, endAskedAtMs, state, adopted } of [...this.containers.values()]) {
      if (endAskedAtMs !== null) {
        if (nowMs - endAskedAtMs > END_PATIENCE_MS) this.kill(containerId, "it did not end when it was told to");
      } else if (unlinkedAtMs !== null && nowMs - unlinkedAtMs > UNLINKED_GRACE_MS) {
        // One that is being started links up when its image is there; the core looks at how long that takes.
        if (state !== "starting" || adopted) this.kill(containerId, "its agent did not come back");
      }
    }
  }

  /** False when there is no GPU for it. */
  #startOne(deploymentId: string): boolean {
    if (this.#takeStandby(deploymentId)) return true;
    const { now, driver, images, linkUrl, containerToken, log } = this.#deps;
    const { functionId, settings, environmentId } = this.#record();
    const { memoryMiB, cpu, blockNetwork } = settings;
    const containerId = newId();
    const impossible = this.gpus.impossible();
    if (impossible !== null) {
      const advice = "deploy it with a gpu that the host has, or add one and start the orchestrator again";
      this.#failOne(deploymentId, errorData(new StartupError(`${impossible}; ${advice}`)));
      return true;
    }
    const gpus = this.gpus.take(containerId);
    if (gpus === null) return false;
    const entry = this.#add({ containerId, deploymentId, gpus });
    const image = imageOf(this.#record());
    const volumes = Object.entries(settings.volumes).map(([path, name]) => ({ environmentId, name, path }));
    const token = containerToken(containerId);
    const create = async (): Promise<void> => {
      await images.ready(image);
      // It may have been ended while its image was built.
      if (this.containers.get(containerId) !== entry) return;
      const builtAtMs = now();
      const limits = { memoryMiB, cpu, gpus, volumes, blockNetwork };
      await driver.start({ containerId, functionId, deploymentId, image, linkUrl, token, ...limits });
      entry.createMs = now() - builtAtMs;
    };
    create().catch((thrown: unknown) => {
      const error = errorData(thrown);
      // It may be the image that is not there any more.
      images.forget(image);
      this.gpus.forgetImage();
      log.warn({ containerId, functionId, reason: error.message }, "container could not be created");
      this.startFailed(entry, error);
    });
    return true;
  }

  /** A container that was kept ready becomes one of this function. False when there is none, or none would do. */
  #takeStandby(deploymentId: string): boolean {
    const { standby } = this.#deps;
    const record = this.#record();
    const taken = isOrdinary(record.settings) ? standby.claim(imageOf(record)) : undefined;
    if (!taken) return false;
    const { containerId, hand } = taken;
    this.#add({ containerId, deploymentId, gpus: [], isStandby: true });
    hand();
    return true;
  }

  #imageEnded(error: ErrorData | null): void {
    if (this.#closing) return;
    if (error) this.#failOne(this.#record().deploymentId, error);
    this.gpus.awaitAgain();
    this.#feed([{ type: "tick" }]);
  }

  /** A start that fails before there is anything to start. */
  #failOne(deploymentId: string, error: ErrorData): void {
    this.startFailed(this.#add({ containerId: newId(), deploymentId, gpus: [] }), error);
  }

  #add(
    container: Pick<ContainerEntry, "containerId" | "deploymentId" | "gpus"> & { isStandby?: true },
  ): ContainerEntry {
    const { containerId, deploymentId, gpus, isStandby = false } = container;
    const nowMs = this.#deps.now();
    const entry = this.containers.add({ containerId, deploymentId, adopted: false, createdAtMs: nowMs, gpus }, nowMs);
    entry.booted = isStandby;
    entry.greeted = isStandby;
    this.#feed([{ type: "containerStarting", containerId, deploymentId }]);
    return entry;
  }

  #draining(containerId: string, reason: string): ContainerEntry | undefined {
    const entry = this.containers.get(containerId);
    if (!entry) return undefined;
    entry.endAskedAtMs = this.#deps.now();
    this.containers.move(entry, "draining", this.#deps.now(), { reason });
    return entry;
  }

  /**
   * A stop that has succeeded is an end, also where the driver has nothing left to tell of. One that fails is tried again
   * by `endOverdue`; of a container that is forgotten by then it is tried here, while it has devices.
   */
  async #end(containerId: string, graceMs: number): Promise<void> {
    try {
      await this.#deps.driver.stop(containerId, { graceMs });
      this.exited(containerId, null);
    } catch (error) {
      this.#deps.log.error({ containerId, reason: errorData(error).message }, "container could not be ended");
      if (this.#desk.holds(containerId) && !this.containers.get(containerId)) {
        setTimeout(() => void this.#end(containerId, 0), END_AGAIN_MS).unref();
      }
    }
  }
}

/** It asks for nothing that a container has to have from its start on. */
function isOrdinary({ memoryMiB, cpu, gpu, volumes, blockNetwork }: FunctionSettings): boolean {
  return memoryMiB === null && cpu === null && gpu === null && !blockNetwork && Object.keys(volumes).length === 0;
}
