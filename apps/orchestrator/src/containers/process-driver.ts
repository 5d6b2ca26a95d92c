/**
 * Containers as child processes of this host. Each agent leads a process group of its own and outlives this process:
 * after a `kill -9` of the orchestrator the next one finds the records, makes sure that the processes are still the
 * ones they speak of, and watches them on. No isolation: user code runs as this user, on this file system.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { open, stat, truncate } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { ConflictError, StartupError } from "@bellows/protocol/errors";
import type { GpuDevice } from "@bellows/protocol/gpus";
import { type ContainerEnd, endError } from "./container-end.ts";
import { containerEnvironment } from "./container-environment.ts";
import { type ContainerRecord, complete, containerPaths, forget, readRecords, reserve } from "./container-records.ts";
import type { ContainerDriver, ContainerSpec, DriverEvent, ListedContainer } from "./driver.ts";
import { type KnownProcess, killTree, signal } from "./end-processes.ts";
import { removeLeftovers } from "./leftovers.ts";
import { buildProcessImage, copyFiles } from "./process-image.ts";
import { isSame, type ProcessEntry, processOf, processWithArgument } from "./process-table.ts";
import { volumeFolder } from "./volumes.ts";

/** Each is two Node processes of about 100 MB together: more than a few per core only wait for each other. */
const CONTAINERS_PER_CORE = 8;
const ADOPTED_POLL_MS = 250;
const LOG_CHECK_MS = 10_000;
const MAX_LOG_BYTES = 1024 * 1024;

export interface ProcessDriverOptions {
  stateDir: string;
  nodePath: string;
  agentPath: string;
  /** Of bundles and packages. */
  cacheDir: string;
  /** Of the SDK that workers import before their code comes, if it is there. */
  ownSdkFolder: string;
  /** Files that images are made of. @throws NotFoundError */
  archive: (hash: string) => Promise<Uint8Array>;
  /** The host's variables; a container gets those among them that name paths, language and proxies. */
  hostEnvironment?: Record<string, string | undefined>;
  /** Of this host; none when left out. */
  gpus?: readonly GpuDevice[];
}

interface Running {
  record: ContainerRecord & { process: KnownProcess };
  /** Null for an adopted one. */
  child: ChildProcess | null;
  askedToStop: boolean;
  gone: Promise<void>;
  markGone: () => void;
}

export function createProcessDriver(options: ProcessDriverOptions): ContainerDriver {
  const { stateDir, nodePath, agentPath, cacheDir, ownSdkFolder } = options;
  const running = new Map<string, Running>();
  const starting = new Map<string, Promise<void>>();
  let listener: (event: DriverEvent) => void = () => {};
  let closed = false;
  /** What earlier processes have left is removed once. */
  let cleaned: Promise<void> | undefined;
  let adoptedPoll: NodeJS.Timeout | undefined;
  let logCheck: NodeJS.Timeout | undefined;

  async function start(spec: ContainerSpec): Promise<void> {
    const { containerId } = spec;
    if (starting.has(containerId)) throw new ConflictError(`container ${containerId} is being started already`);
    const record = { ...ofRecord(spec), createdAtMs: Date.now(), process: null };
    const started = reserve(stateDir, record)
      .then(() => startReserved(spec))
      .finally(() => starting.delete(containerId));
    starting.set(containerId, started);
    await started;
  }

  async function startReserved(spec: ContainerSpec): Promise<void> {
    const { containerId } = spec;
    try {
      const child = await spawnAgent(spec);
      const entry = child.pid === undefined ? undefined : await processOf(child.pid);
      // One that has ended already is watched all the same: its exit event is yet to come.
      const process = { pid: child.pid ?? 0, startedAt: entry?.startedAt ?? "" };
      const record = { ...ofRecord(spec), createdAtMs: Date.now(), process };
      watch(record, child);
      await complete(stateDir, record);
      // It may have ended, and been forgotten, while its record was being completed.
      if (!running.has(containerId)) await forget(stateDir, containerId);
    } catch (error) {
      await forget(stateDir, containerId);
      throw error;
    }
  }

  /** @throws StartupError when there is no process. */
  async function spawnAgent(spec: ContainerSpec): Promise<ChildProcess> {
    const paths = containerPaths(stateDir, spec.containerId);
    const environment = options.hostEnvironment ?? {};
    await copyFiles(spec.image, paths.work, options);
    const folders = await Promise.all(spec.volumes.map((volume) => volumeFolder(stateDir, volume)));
    const volumes = Object.fromEntries(spec.volumes.map(({ name }, position) => [name, folders[position] ?? ""]));
    const log = await open(paths.log, "a", 0o600);
    try {
      // The argument is for people who look at `ps`, and for finding a start that was cut short.
      const child = spawn(nodePath, [agentPath, argumentOf(spec.containerId)], {
        cwd: paths.work,
        detached: true,
        stdio: ["ignore", log.fd, log.fd],
        env: containerEnvironment(spec, {
          nodePath,
          cacheDir,
          ownSdkFolder,
          environment,
          exitStatusPath: paths.exitStatus,
          volumes,
        }),
      });
      await new Promise<void>((resolve, reject) => {
        child.once("spawn", resolve);
        child.once("error", (cause) =>
          reject(new StartupError(`no container could be started: ${nodePath}: ${cause.message}`, { cause })),
        );
      });
      return child;
    } finally {
      await log.close();
    }
  }

  function watch(record: Running["record"], child: ChildProcess | null): Running {
    let markGone = () => {};
    const gone = new Promise<void>((resolve) => {
      markGone = resolve;
    });
    const container: Running = { record, child, askedToStop: false, gone, markGone };
    running.set(record.containerId, container);
    if (child) {
      child.unref();
      if (child.exitCode !== null || child.signalCode !== null) {
        void ended(container, { code: child.exitCode, signal: child.signalCode });
      } else {
        child.once("exit", (code, signal) => void ended(container, { code, signal }));
      }
    } else {
      adoptedPoll ??= setInterval(() => void lookAtAdopted(), ADOPTED_POLL_MS).unref();
    }
    logCheck ??= setInterval(() => void boundLogs(), LOG_CHECK_MS).unref();
    return container;
  }

  async function ended(container: Running, status: ContainerEnd["status"]): Promise<void> {
    const { containerId } = container.record;
    if (closed || !running.delete(containerId)) return;
    const error = await endError(containerId, containerPaths(stateDir, containerId), {
      status,
      askedFor: container.askedToStop,
    });
    await forget(stateDir, containerId).catch(() => {});
    container.markGone();
    listener({ type: "exited", containerId, error });
  }

  async function lookAtAdopted(): Promise<void> {
    for (const container of running.values()) {
      const { process } = container.record;
      if (!container.child && !isSame(await processOf(process.pid), process)) await ended(container, null);
    }
  }

  async function boundLogs(): Promise<void> {
    for (const containerId of running.keys()) {
      const { log } = containerPaths(stateDir, containerId);
      const size = await stat(log).then(
        (found) => found.size,
        () => 0,
      );
      if (size > MAX_LOG_BYTES) await truncate(log).catch(() => {});
    }
  }

  async function stop(containerId: string, { graceMs }: { graceMs: number }): Promise<void> {
    // A start that fails leaves nothing to stop, and is told to whoever asked for it.
    await starting.get(containerId)?.catch(() => {});
    const container = running.get(containerId) ?? (await adopted()).get(containerId);
    if (!container) return;
    container.askedToStop = true;
    if (graceMs > 0) {
      await signal(container.record.process, "SIGTERM");
      if (await isGoneWithin(container, graceMs)) return;
    }
    await killTree(container.record.process);
    await container.gone;
  }

  /** Brings the containers of an earlier process under watch. What has ended since is forgotten. */
  async function adopted(): Promise<Map<string, Running>> {
    for (const record of await readRecords(stateDir)) {
      const { containerId } = record;
      if (running.has(containerId) || starting.has(containerId)) continue;
      const found = await processOfRecord(record);
      if (running.has(containerId) || starting.has(containerId)) continue;
      if (!found) {
        await forget(stateDir, containerId);
        continue;
      }
      const process = { pid: found.pid, startedAt: found.startedAt };
      if (!record.process) await complete(stateDir, { ...record, process });
      watch({ ...record, process }, null);
    }
    return running;
  }

  return {
    name: "process",
    capabilities: {
      isolation: false,
      gpus: options.gpus ?? [],
      images: false,
      memoryLimit: true,
      cpuLimit: false,
      blockNetwork: false,
    },
    maxContainers: CONTAINERS_PER_CORE * availableParallelism(),
    buildImage: (image, told) => buildProcessImage(image, options, told),
    // The rest of an image is given to the process when it starts; packages of the code come with the code.
    standbyKey: ({ definition }) => (definition.steps.length === 0 ? "node" : null),
    start,
    stop,
    async list(): Promise<ListedContainer[]> {
      const found = await adopted();
      cleaned ??= removeLeftovers(stateDir, (containerId) => found.has(containerId) || starting.has(containerId));
      await cleaned;
      return Array.from(found.values(), ({ record }) => ({
        containerId: record.containerId,
        functionId: record.functionId,
        deploymentId: record.deploymentId,
        handle: String(record.process.pid),
        createdAtMs: record.createdAtMs,
        gpus: record.gpus,
      }));
    },
    onEvent(listen) {
      listener = listen;
    },
    async close() {
      closed = true;
      clearInterval(adoptedPoll);
      clearInterval(logCheck);
      running.clear();
    },
  };
}

/** What the driver has to know of a container after a restart. */
function ofRecord({ containerId, functionId, deploymentId, gpus }: ContainerSpec) {
  return { containerId, functionId, deploymentId, gpus: [...gpus] };
}

function argumentOf(containerId: string): string {
  return `--container=${containerId}`;
}

async function processOfRecord(record: ContainerRecord): Promise<ProcessEntry | undefined> {
  if (!record.process) return await processWithArgument(argumentOf(record.containerId));
  const found = await processOf(record.process.pid);
  return isSame(found, record.process) ? found : undefined;
}

async function isGoneWithin(container: Running, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isGone = await Promise.race([container.gone.then(() => true), timedOut]);
  clearTimeout(timer);
  return isGone;
}
