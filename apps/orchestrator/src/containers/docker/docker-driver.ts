/**
 * Containers of a Docker engine on this host. The engine keeps them, labelled with what they are, so nothing is written
 * here: after a `kill -9` of the orchestrator the next one asks the engine and watches them on. A container is removed
 * when its end has been read, whoever ended it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ConflictError, type ErrorData } from "@bellows/protocol/errors";
import type { GpuDevice } from "@bellows/protocol/gpus";
import { stableJson } from "@bellows/protocol/stable-json";
import type Docker from "dockerode";
import type { ContainerDriver, ContainerImage, ContainerSpec, DriverEvent, ListedContainer } from "../driver.ts";
import { volumeFolder } from "../volumes.ts";
import { endError, removedError } from "./container-end.ts";
import { BUILDER_LABEL, builderOf, INSTANCE_LABEL, listedOf, nameOf } from "./container-labels.ts";
import { type Confinement, createOptions } from "./container-options.ts";
import { watchEnds } from "./end-watch.ts";
import { asked, isAnswer, isDoneAlready, isMissing, repeatable } from "./engine.ts";
import type { BuildImage } from "./images/image-builder.ts";

const TOLD_LINES = 40;
const GONE_POLL_MS = 100;
/** Between two tries of what an engine that is away has to do. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** What the engine itself needs at a time for each: memory for its shim, and a bridge port. */
const CONTAINERS_PER_CORE = 32;

export interface DockerDriverOptions {
  docker: Docker;
  cores: number;
  confinement: Omit<Confinement, "image" | "volumeFolders">;
  /** Where volumes are. */
  stateDir: string;
  /** What every container needs besides its image; asked before each start. */
  prepare: () => Promise<void>;
  build: BuildImage;
  /** Of this process, on the containers of its builds. */
  builder: string;
  /** Of the engine's host; none when left out. */
  gpus?: readonly GpuDevice[];
}

interface Running {
  askedToStop: boolean;
  gone: Promise<void>;
  markGone: () => void;
}

export function createDockerDriver(options: DockerDriverOptions): ContainerDriver {
  const { docker, cores, confinement, stateDir, prepare, build, builder, gpus = [] } = options;
  const { instance } = confinement;
  const running = new Map<string, Running>();
  const starting = new Map<string, Promise<void>>();
  /** Those whose end is being read. */
  const ending = new Set<string>();
  /** Of images that were there when they were asked for last. */
  const names = new Map<string, string>();
  const closing = new AbortController();
  let listener: (event: DriverEvent) => void = () => {};
  let watching: Promise<void> | undefined;

  async function buildImage(image: ContainerImage, told: (line: string) => void): Promise<string> {
    const name = await build(image, told);
    names.set(stableJson(image), name);
    return name;
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
    await prepare();
    const key = stableJson(spec.image);
    const image = names.get(key) ?? (await buildImage(spec.image, () => {}));
    const volumeFolders = await Promise.all(spec.volumes.map((volume) => volumeFolder(stateDir, volume)));
    const wanted = createOptions(spec, { ...confinement, image, volumeFolders });
    const what = `no container could be started for ${containerId}`;
    const container = await asked(what, () => docker.createContainer(wanted)).catch((error: unknown) => {
      names.delete(key);
      // Without an answer it may have been made all the same.
      if (!isAnswer(error)) void removeSurely(containerId);
      throw error;
    });
    track(containerId);
    try {
      await asked(what, () => container.start());
    } catch (error) {
      running.delete(containerId);
      const removed = removeSurely(containerId);
      if (isAnswer(error)) await removed;
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
    if (!container || ending.has(containerId) || closing.signal.aborted) return;
    ending.add(containerId);
    try {
      const found = docker.getContainer(nameOf(containerId));
      const error = await endOf(containerId, found, container.askedToStop);
      if (closing.signal.aborted) return;
      running.delete(containerId);
      await removeSurely(containerId);
      container.markGone();
      listener({ type: "exited", containerId, error });
    } catch {
      // The engine does not answer: it is looked at again when it does.
    } finally {
      ending.delete(containerId);
    }
  }

  /** Also from an engine that has to come back first. */
  async function removeSurely(containerId: string): Promise<void> {
    const found = docker.getContainer(nameOf(containerId));
    for (let pauseMs = FIRST_PAUSE_MS; !closing.signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await found.remove({ force: true, v: true });
      } catch (error) {
        if (isDoneAlready(error)) return;
      }
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  async function lookAgain(): Promise<void> {
    const left = await listed().catch(() => undefined);
    if (!left) return;
    const live = new Set(left.map(({ containerId }) => containerId));
    for (const containerId of [...running.keys()]) {
      if (!live.has(containerId) && !starting.has(containerId)) await ended(containerId);
    }
    // A start that the engine's absence cut short may have left one that nobody waits for.
    await removeEnded().catch(() => undefined);
  }

  /** Those that run. */
  async function listed(): Promise<ListedContainer[]> {
    const filters = { label: [`${INSTANCE_LABEL}=${instance}`], status: ["running", "paused", "restarting"] };
    const found = await asked("the containers cannot be listed", () =>
      repeatable(() => docker.listContainers({ filters })),
    );
    return found.flatMap(({ Id, Labels, Created }) => listedOf(Id, Labels, Created * 1_000) ?? []);
  }

  async function stop(containerId: string, { graceMs }: { graceMs: number }): Promise<void> {
    // A start that fails leaves nothing to stop, and is told to whoever asked for it.
    await starting.get(containerId)?.catch(() => {});
    const container = running.get(containerId) ?? (await adopt()).get(containerId);
    if (!container) return;
    container.askedToStop = true;
    const found = docker.getContainer(nameOf(containerId));
    try {
      if (graceMs > 0) {
        await signal(found, "SIGTERM");
        if (await isGoneWithin(container, graceMs)) return;
      }
      await signal(found, "SIGKILL");
    } catch (error) {
      // Whoever asked is told; it ends all the same, as soon as the engine can be told.
      void removeSurely(containerId);
      throw error;
    }
    // Its end is told by an event; one that was missed is found by looking.
    while (!(await isGoneWithin(container, GONE_POLL_MS))) await lookAgain();
  }

  /** Brings the containers of an earlier process under watch, and removes what is left of those that have ended. */
  async function adopt(): Promise<Map<string, Running>> {
    watch();
    const live = await listed();
    for (const { containerId } of live) {
      if (!running.has(containerId) && !starting.has(containerId)) track(containerId);
    }
    return running;
  }

  /** Of builds that a killed process has left; those of this one go by themselves. */
  async function removeBuilds(): Promise<void> {
    const filters = { label: [`${INSTANCE_LABEL}=${instance}`, BUILDER_LABEL] };
    const found = await asked("the containers cannot be listed", () => docker.listContainers({ all: true, filters }));
    for (const { Id, Labels } of found) {
      const its = builderOf(Labels);
      if (its !== undefined && its !== builder) await remove(Id);
    }
  }

  async function removeEnded(): Promise<void> {
    const filters = { label: [`${INSTANCE_LABEL}=${instance}`], status: ["created", "exited", "dead"] };
    const found = await asked("the containers cannot be listed", () => docker.listContainers({ all: true, filters }));
    for (const { Id, Labels, Created } of found) {
      const containerId = listedOf(Id, Labels, Created)?.containerId;
      if (builderOf(Labels) !== undefined || (containerId && isKnown(containerId))) continue;
      await remove(Id);
    }
  }

  function isKnown(containerId: string): boolean {
    return running.has(containerId) || starting.has(containerId) || ending.has(containerId);
  }

  async function remove(id: string): Promise<void> {
    await docker
      .getContainer(id)
      .remove({ force: true, v: true })
      .catch(() => undefined);
  }

  return {
    name: "docker",
    capabilities: {
      isolation: true,
      gpus,
      images: true,
      memoryLimit: true,
      cpuLimit: true,
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
      await removeEnded();
      await removeBuilds();
      return (await listed()).filter(({ containerId }) => running.has(containerId));
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

/** Of one that somebody else has removed nothing is known but that it is gone. @throws what the engine has against it. */
async function endOf(containerId: string, container: Docker.Container, askedFor: boolean): Promise<ErrorData | null> {
  try {
    const info = await repeatable(() => container.inspect());
    const said = await lastLines(container).catch(() => "");
    return endError(containerId, info, { askedFor, said });
  } catch (error) {
    if (!isMissing(error)) throw error;
    return askedFor ? null : removedError(containerId);
  }
}

async function lastLines(container: Docker.Container): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, tail: TOLD_LINES });
  return demultiplexed(log);
}

const LOG_HEADER_BYTES = 8;

/** The engine puts a header before each piece: the stream, three zeroes, the length as an unsigned 32-bit number. */
function demultiplexed(log: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + LOG_HEADER_BYTES <= log.byteLength; ) {
    const end = at + LOG_HEADER_BYTES + log.readUInt32BE(at + 4);
    pieces.push(log.subarray(at + LOG_HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(pieces).toString("utf8");
}

async function signal(container: Docker.Container, name: "SIGTERM" | "SIGKILL"): Promise<void> {
  await asked(`the container ${container.id} could not be told to end`, async () => {
    await repeatable(() => container.kill({ signal: name })).catch((error: unknown) => {
      if (!isDoneAlready(error) && !isMissing(error)) throw error;
    });
  });
}

async function isGoneWithin({ gone }: Running, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const timedOut = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const isGone = await Promise.race([gone.then(() => true), timedOut]);
  timer.abort();
  return isGone;
}
