/**
 * What the engine is asked for when it makes a container: what user code may use and what it may not. Nothing here is a
 * wish: an engine that cannot keep it has been refused, or has said so among its limits (`engine-info.ts`).
 */
import { posix } from "node:path";
import { isRealGpu } from "@bellows/protocol/gpus";
import { variablesOf } from "@bellows/protocol/image";
import type { ContainerCreateOptions } from "dockerode";
import type { ContainerSpec } from "../driver.ts";
import { volumeVariables } from "../volumes.ts";
import { labelsOf, nameOf } from "./container-labels.ts";
import {
  AGENT_PATH,
  CERTIFICATES_PATH,
  NODE_PATH,
  OWN_SDK_FOLDER,
  PACKAGES_FOLDER,
  WORK_FOLDER,
} from "./images/runner-layer.ts";

/** The folder of the orchestrator's socket in the container. */
const LINK_FOLDER = "/run/bellows";
/** The user "nobody" of most systems; the number counts, no image has to know it. */
const USER = "65534:65534";
/** Processes and threads. Two Node processes need about 25. */
const MAX_PIDS = 1_024;
/** Files in /tmp are memory: they count, and may take no more than half of what the code has. */
const MAX_TMP_MIB = 512;
/** What the agent needs, on top of what the code may use: the same setting is worth the same under every driver. */
const AGENT_MIB = 64;
/** Of what the agent prints. User code's lines travel on the link. */
const LOG_SIZE = "1m";

export interface Confinement {
  instance: string;
  image: string;
  /** Places that the image declares as volumes of its own. */
  imageVolumes: readonly string[];
  /** Of the host, with the orchestrator's socket in it. */
  linkFolder: string;
  /** Of the host, in the order of the container's volumes. */
  volumeFolders: readonly string[];
  /** Under which the socket lies there. */
  linkSocketName: string;
  network: string;
  /** Another runtime of the engine's than its default, such as `runsc`. */
  runtime: string | null;
  /** Whether the engine has an init program: it ends what user code leaves behind. */
  init: boolean;
}

export function createOptions(spec: ContainerSpec, how: Confinement): ContainerCreateOptions {
  const { memoryMiB, cpu } = spec;
  const realGpus = realGpusOf(spec);
  const tmpMiB = memoryMiB === null ? MAX_TMP_MIB : Math.min(MAX_TMP_MIB, Math.ceil(memoryMiB / 2));
  const limitBytes = memoryMiB === null ? null : (memoryMiB + AGENT_MIB) * MIB;
  return {
    name: nameOf(spec.containerId),
    Image: how.image,
    Labels: labelsOf(spec, how.instance),
    User: USER,
    Entrypoint: [NODE_PATH],
    Cmd: [AGENT_PATH],
    WorkingDir: WORK_FOLDER,
    Env: Object.entries(environmentOf(spec, how)).map(([name, value]) => `${name}=${value}`),
    HostConfig: {
      NetworkMode: spec.blockNetwork ? "none" : how.network,
      Binds: [
        `${how.linkFolder}:${LINK_FOLDER}:ro`,
        ...spec.volumes.map(({ path }, position) => `${how.volumeFolders[position]}:${path}`),
      ],
      ReadonlyRootfs: true,
      Tmpfs: memoryFolders(spec, how, tmpMiB),
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      PidsLimit: MAX_PIDS,
      Init: how.init,
      LogConfig: { Type: "json-file", Config: { "max-size": LOG_SIZE, "max-file": "1" } },
      ...(how.runtime === null ? {} : { Runtime: how.runtime }),
      // Without swap: a container over its memory is ended, not slowed down.
      ...(limitBytes === null ? {} : { Memory: limitBytes, MemorySwap: limitBytes }),
      ...(cpu === null ? {} : { NanoCpus: Math.round(cpu * 1e9) }),
      ...(realGpus.length === 0 ? {} : { DeviceRequests: [deviceRequest(realGpus)] }),
    },
  };
}

const MIB = 1024 * 1024;

/** How much of a container's memory its code may use, as it was asked for. */
export function codeMiB(limitBytes: number): number {
  return Math.round(limitBytes / MIB) - AGENT_MIB;
}

/**
 * Folders that are memory, each of a bounded size. The engine would put a folder of the host, without a bound, where the image
 * declares a volume.
 */
function memoryFolders({ volumes }: ContainerSpec, { imageVolumes }: Confinement, sizeMiB: number) {
  const taken = new Set([LINK_FOLDER, ...volumes.map(({ path }) => path)]);
  const declared = imageVolumes.map((path) => posix.normalize(path).replace(/\/+$/, "")).filter((path) => path !== "");
  const folders = ["/tmp", ...declared].filter((path) => !taken.has(path));
  return Object.fromEntries(folders.map((path) => [path, `rw,nosuid,nodev,exec,size=${sizeMiB}m,mode=1777`]));
}

function realGpusOf({ gpus }: ContainerSpec): string[] {
  return gpus.map(({ id }) => id).filter(isRealGpu);
}

function deviceRequest(gpus: readonly string[]) {
  return { Driver: "nvidia", DeviceIDs: [...gpus], Capabilities: [["gpu"]] };
}

function environmentOf(spec: ContainerSpec, how: Confinement): Record<string, string> {
  const { containerId, token, memoryMiB, image, volumes } = spec;
  const declared = spec.gpus.filter(({ id }) => !isRealGpu(id));
  // What the code trusts has another name for the agent: its link needs no certificates, and reading them takes 25 ms.
  const { NODE_EXTRA_CA_CERTS = CERTIFICATES_PATH, ...variables } = variablesOf(image.definition);
  return {
    ...variables,
    BELLOWS_EXTRA_CA_CERTS: NODE_EXTRA_CA_CERTS,
    HOME: "/tmp",
    TMPDIR: "/tmp",
    LANG: "C.UTF-8",
    BELLOWS_LINK_URL: `ws+unix:${LINK_FOLDER}/${how.linkSocketName}:/link/agent`,
    BELLOWS_CONTAINER_ID: containerId,
    BELLOWS_CONTAINER_TOKEN: token,
    BELLOWS_CACHE_DIR: "/tmp/bellows-cache",
    BELLOWS_PACKAGES_DIR: PACKAGES_FOLDER,
    BELLOWS_OWN_SDK_DIR: OWN_SDK_FOLDER,
    ...volumeVariables(Object.fromEntries(volumes.map(({ name, path }) => [name, path]))),
    BELLOWS_OWN_CGROUP: "1",
    ...(memoryMiB === null ? {} : { BELLOWS_MEMORY_MIB: String(memoryMiB) }),
    // Where the engine's runtime is NVIDIA's this opens devices, and many images say "all"; after "void" it opens none.
    NVIDIA_VISIBLE_DEVICES: realGpusOf(spec).join() || "void",
    // A real device that was not asked for is not there at all.
    ...(declared.length === 0 ? {} : { CUDA_VISIBLE_DEVICES: declared.map(({ id }) => id).join() }),
  };
}
