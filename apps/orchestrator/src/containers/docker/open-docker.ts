/** The Docker engine of this host as a driver: looks whether one answers, and prepares what its containers need. */
import { randomUUID } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { InvalidError, StartupError } from "@bellows/protocol/errors";
import type { GpuDevice } from "@bellows/protocol/gpus";
import type Docker from "dockerode";
import type { ContainerDriver } from "../driver.ts";
import { INSTANCE_LABEL } from "./container-labels.ts";
import { createDockerDriver } from "./docker-driver.ts";
import { asked, engineAddress, isDoneAlready, isMissing, openEngine } from "./engine.ts";
import { limitsOf, readInfo } from "./engine-info.ts";
import { createImageBuilder } from "./images/image-builder.ts";
import { instanceName } from "./instance-name.ts";

const SOCKET_NAME = "link.sock";
/** What the kernel takes as the path of a socket, its final zero left out. */
const MAX_SOCKET_PATH_BYTES = 107;

export interface DockerOptions {
  stateDir: string;
  environment: Record<string, string | undefined>;
  /** A runtime of the engine's; null for its default. */
  runtime: string | null;
  nodePath: string;
  agentPath: string;
  ownSdkFolder: string;
  /** Files that images are made of. @throws NotFoundError */
  archive: (hash: string) => Promise<Uint8Array>;
  /** Of this host; none when left out. */
  gpus?: readonly GpuDevice[];
}

export interface OpenedDocker {
  driver: ContainerDriver;
  /** For people: where the engine is, and which. */
  engine: string;
  /** Tells this copy of Bellows from others on the same engine. */
  instance: string;
  /** Where the orchestrator has to listen for its containers. */
  socketPath: string;
}

/**
 * @throws StartupError when no engine answers, or not one that can run containers here; InvalidError for a path that is too
 * long, or a runtime that it has not got.
 */
export async function openDocker(options: DockerOptions): Promise<OpenedDocker> {
  const { stateDir, environment, runtime, nodePath, agentPath, ownSdkFolder, archive } = options;
  const linkFolder = join(stateDir, "link");
  const socketPath = join(linkFolder, SOCKET_NAME);
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH_BYTES) {
    throw new InvalidError(
      `${socketPath} is too long for the path of a socket; set BELLOWS_STATE_DIR to a folder with a shorter path`,
    );
  }
  const address = engineAddress(environment);
  const docker = openEngine(address);
  const info = await readInfo(address);
  if (process.platform !== "linux" || info.OSType !== "linux") {
    throw new StartupError(
      "the Docker engine is not one of this host: its containers could not reach the orchestrator's socket; set BELLOWS_DRIVER=process",
    );
  }
  const limits = limitsOf(info);
  refuseUnknownRuntime(runtime, Object.keys(info.Runtimes ?? {}));
  await mkdir(linkFolder, { recursive: true });
  // Every container sees what is in it: it is for the socket alone. The containers' user passes through it; whoever may not enter the state folder does not get there.
  await chmod(linkFolder, 0o755);
  const builder = randomUUID();
  const instance = await instanceName(stateDir);
  const network = `bellows-${instance}`;
  const images = createImageBuilder({
    docker,
    instance,
    builder,
    parts: { nodePath, agentPath, ownSdkFolder },
    stateDir,
    environment,
    archive,
  });
  const driver = createDockerDriver({
    docker,
    cores: availableParallelism(),
    stateDir,
    ...(options.gpus ? { gpus: options.gpus } : {}),
    limits,
    prepare: sharing(() => ensureNetwork(docker, network, instance)),
    builder,
    build: images.build,
    confinement: {
      instance,
      linkFolder,
      linkSocketName: SOCKET_NAME,
      network,
      runtime,
      init: info.InitBinary !== "",
    },
  });
  /** The engine keeps a network that containers are on; of unused ones it has no more than some thirty. */
  async function close(): Promise<void> {
    await images.close();
    await driver.close();
    await docker
      .getNetwork(network)
      .remove()
      .catch(() => undefined);
  }
  return {
    driver: { ...driver, close },
    engine: `Docker ${info.ServerVersion} at ${address.text}`,
    instance,
    socketPath,
  };
}

function refuseUnknownRuntime(runtime: string | null, known: readonly string[]): void {
  if (runtime === null || known.includes(runtime)) return;
  throw new InvalidError(
    `BELLOWS_DOCKER_RUNTIME is "${runtime}", but the Docker engine has no such runtime; it has ${known.join(", ")}. ` +
      "Install it and list it in the engine's daemon.json, or leave the variable out",
  );
}

/**
 * Containers of one instance share a network on which none can reach another. It is looked for before each start: while
 * no container is on it, anybody may clean it away.
 */
async function ensureNetwork(docker: Docker, name: string, instance: string): Promise<void> {
  await asked("the network of the containers cannot be made", async () => {
    try {
      await docker.getNetwork(name).inspect();
    } catch (error) {
      if (!isMissing(error)) throw error;
      const made = docker.createNetwork({
        Name: name,
        CheckDuplicate: true,
        Labels: { [INSTANCE_LABEL]: instance },
        Options: { "com.docker.network.bridge.enable_icc": "false" },
      });
      // Another start may have made it in this moment.
      await made.catch((refusal: unknown) => {
        if (!isDoneAlready(refusal)) throw refusal;
      });
    }
  });
}

/** Whoever asks while it is under way waits for the same. */
function sharing(make: () => Promise<void>): () => Promise<void> {
  let making: Promise<void> | undefined;
  return () => {
    making ??= make().finally(() => {
      making = undefined;
    });
    return making;
  };
}
