/**
 * Containers of a Docker engine on this host. The engine keeps them, labelled with what they are, so nothing is written
 * here: after a `kill -9` of the orchestrator the next one asks the engine and watches them on. A container is removed
 * when its end has been read, whoever ended it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ConflictError } from "@bellows/protocol/errors";
import type { GpuDevice } from "@bellows/protocol/gpus";
import { stableJson } from "@bellows/protocol/stable-json";
import type Docker from "dockerode";
import type { ContainerDriver, ContainerImage, ContainerSpec, DriverEvent } from "../driver.ts";
import { volumeFolder } from "../volumes.ts";
import { nameOf } from "./container-labels.ts";
import { type Confinement, createOptions } from "./container-options.ts";
import { watchEnds } from "./end-watch.ts";
import { asked, isAnswer, isDoneAlready, isMissing, removeContainer } from "./engine.ts";
import type { EngineLimits } from "./engine-info.ts";
import { findContainers } from "./found-containers.ts";
import type { BuildImage } from "./images/image-builder.ts";
import { persistently } from "./persistently.ts";
import { readEnd } from "./read-end.ts";

const GONE_POLL_MS = 100;
/** The end of a container is told when nothing is left of it, or when removing that has taken so long; it goes on then. */
const REMOVAL_MS = 2_000;
/** What the engine itself needs at a time for each: memory for its shim, and a bridge port. */
const CONTAINERS_PER_CORE = 32;

export interface DockerDriverOptions {
  docker: Docker;
  cores: number;
  confinement: Omit<Confinement, keyof BuiltImage | "volumeFolders">;
  /** Where volumes are. */
  stateDir: string;
  /** Of a container, that the engine can keep. */
  limits: EngineLimits;
  /** What every container needs besides its image; asked while each is made. */
  prepare: () => Promise<void>;
  build: BuildImage;
  /** Of this process, on the containers of its builds. */
  builder: string;
  /** Of the engine's host; none when left out. */
  gpus?: readonly GpuDevice[];
}

type BuiltImage = Pick<Confinement, "image" | "imageVolumes">;

interface Running {
  askedToStop: boolean;
  gone: Promise<void>;
  markGone: () => void;
}

export function createDockerDriver(options: DockerDriverOptions): ContainerDriver {
  const { docker, cores, confinement, stateDir, limits, prepare, build, builder, gpus = [] } = options;
  const { instance } = confinement;
  const running = new Map<string, Running>();
  const starting = new Map<string, Promise<void>>();
  /** Those whose end is being read. */
  const ending = new Set<string>();
  /** Of images that were there when they were asked for last. */
  const images = new Map<string, BuiltImage>();
  const closing = new AbortController();
  const found = findContainers(docker, { instance, builder }, isKnown);
  let listener: (event: DriverEvent) => void = () => {};
  let watching: Promise<void> | undefined;

  async function buildImage(image: ContainerImage, told: (line: string) => void): Promise<BuiltImage> {
    const name = await build(image, told);
    const { Config } = await asked(`the image ${name} cannot be used`, () => docker.getImage(name).inspect());
    const built: BuiltImage = { image: name, imageVolumes: Object.keys(Config.Volumes ?? {}) };
    images.set(stableJson(image), built);
    return built;
  }

  async function start(spec: ContainerSpec): Promise<void> {
    const { containerId } = spec;
    if (starting.has(containerId)) throw new ConflictError(`container ${containerId} is being started already`);
    const started = startNow(spec).finally(() => starting.delete(containerId));
    starting.set(containerId, started);
    await started;
  }

  async function startNow(spec: ContainerSpec): Promise<void> {
    const { containerId } = spec;
    watch();
    const key = stableJson(spec.image);
    const built = images.get(key) ?? (await buildImage(spec.image, () => {}));
    const volumeFolders = await Promise.all(spec.volumes.map((volume) => volumeFolder(stateDir, volume)));
    const wanted = createOptions(spec, { ...confinement, ...built, volumeFolders });
    const what = `no container could be started for ${containerId}`;
    // Only the start needs it, and tells why it could not be.
    const prepared = prepare();
    prepared.catch(() => {});
    const container = await asked(what, () => docker.createContainer(wanted)).catch((error: unknown) => {
      images.delete(key);
      // Without an answer it may have been made all the same.
      if (!isAnswer(error)) void removeSurely(containerId);
      throw error;
    });
    track(containerId);
    try {
      await prepared;
      await asked(what, () => container.start());
    } catch (error) {
      running.delete(containerId);
      const removed = removeSurely(containerId);
      if (isAnswer(error)) await isDoneWithin(removed, REMOVAL_MS);
      throw error;
    }
  }

  function track(containerId: string): Running {
    let markGone = () => {};
    const gone = new Promise<void>((resolve) => {
      markGone = resolve;
    });
    const container: Running = { askedToStop: false, gone, markGone };
    running.set(containerId, container);
    return container;
  }

  function watch(): void {
    watching ??= watchEnds(
      docker,
      instance,
      { died: (containerId) => void ended(containerId), lookAgain: () => void lookAgain() },
      closing.signal,
    );
  }

  /** Reads how it ended, removes what is left of it, and tells. Once for each, however often it is called. */
  async function ended(containerId: string): Promise<void> {
    const container = running.get(containerId);
    if (!container || ending.has(containerId)) return;
    ending.add(containerId);
    const dead = docker.getContainer(nameOf(containerId));
    const error = await persistently(() => readEnd(containerId, dead, container.askedToStop), closing.signal);
    if (error === undefined) return;
    running.delete(containerId);
    const removed = removeSurely(containerId).finally(() => ending.delete(containerId));
    // Whoever waits for its end, and for what it held, is not kept from it by an engine that cannot remove it.
    await isDoneWithin(removed, REMOVAL_MS);
    container.markGone();
    if (!closing.signal.aborted) listener({ type: "exited", containerId, error });
  }

  /** Also from an engine that has to come back first. */
  async function removeSurely(containerId: string): Promise<void> {
    const container = docker.getContainer(nameOf(containerId));
    await persistently(() => removeContainer(container), closing.signal);
  }

  async function lookAgain(): Promise<void> {
    const left = await found.running().catch(() => undefined);
    if (!left) return;
    const live = new Set(left.map(({ containerId }) => containerId));
    for (const containerId of running.keys()) {
      if (!live.has(containerId) && !starting.has(containerId)) void ended(containerId);
    }
    // A start that the engine's absence cut short may have left one that nobody waits for.
    await found.removeEnded().catch(() => undefined);
  }

  async function stop(containerId: string, { graceMs }: { graceMs: number }): Promise<void> {
    // A start that fails leaves nothing to stop, and is told to whoever asked for it.
    await starting.get(containerId)?.catch(() => {});
    const container = running.get(containerId) ?? (await adopt()).get(containerId);
    if (!container) return;
    container.askedToStop = true;
    const live = docker.getContainer(nameOf(containerId));
    try {
      if (graceMs > 0) {
        await signal(live, "SIGTERM");
        if (await isDoneWithin(container.gone, graceMs)) return;
      }
      await signal(live, "SIGKILL");
    } catch (error) {
      // Whoever asked is told; it ends all the same, as soon as the engine can be told.
      void removeSurely(containerId);
      throw error;
    }
    // Its end is told by an event; one that was missed is found by looking.
    while (!(await isDoneWithin(container.gone, GONE_POLL_MS))) await lookAgain();
  }

  /** Brings the containers of an earlier process under watch, and removes what is left of those that have ended. */
  async function adopt(): Promise<Map<string, Running>> {
    watch();
    const live = await found.running();
    for (const { containerId } of live) {
      if (!running.has(containerId) && !starting.has(containerId)) track(containerId);
    }
    return running;
  }

  function isKnown(containerId: string): boolean {
    return running.has(containerId) || starting.has(containerId) || ending.has(containerId);
  }

  return {
    name: "docker",
    capabilities: {
      isolation: true,
      gpus,
      images: true,
      ...limits,
      blockNetwork: true,
    },
    maxContainers: CONTAINERS_PER_CORE * cores,
    async buildImage(image, told) {
      await buildImage(image, told);
    },
    standbyKey: (image) => stableJson(image),
    start,
    stop,
    async list() {
      await adopt();
      await found.removeEnded();
      await found.removeBuilds();
      return (await found.running()).filter(({ containerId }) => running.has(containerId));
    },
    onEvent(listen) {
      listener = listen;
    },
    async close() {
      closing.abort();
      running.clear();
      await watching;
    },
  };
}

async function signal(container: Docker.Container, name: "SIGTERM" | "SIGKILL"): Promise<void> {
  await asked(`the container ${container.id} could not be told to end`, async () => {
    await container.kill({ signal: name }).catch((error: unknown) => {
      if (!isDoneAlready(error) && !isMissing(error)) throw error;
    });
  });
}

async function isDoneWithin(done: Promise<void>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const timedOut = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const isDone = await Promise.race([done.then(() => true), timedOut]);
  timer.abort();
  return isDone;
}
