/**
 * What runs containers. A driver starts and ends them and says which there are; it knows nothing of functions' queues,
 * of Postgres or of the API. Every driver passes the same conformance suite (`conformance.ts`). Labels on the
 * containers themselves are the truth: a restarted orchestrator lists them and adopts its own.
 */
import type { ErrorData } from "@bellows/protocol/errors";
import type { AssignedGpu, GpuDevice } from "@bellows/protocol/gpus";
import type { ImageDefinition } from "@bellows/protocol/image";

import type { VolumeMount } from "./volumes.ts";

/** What a container is made of, besides the code itself. */
export interface ContainerImage {
  definition: ImageDefinition;
  /** npm packages that the code needs: name to exact version. */
  packages: Readonly<Record<string, string>>;
}

export interface ContainerSpec {
  containerId: string;
  /** Null for one that is kept ready, and will have a function later; so is the other. */
  functionId: string | null;
  deploymentId: string | null;
  image: ContainerImage;
  /** Where the agent connects: `ws://host:port/link/agent`. */
  linkUrl: string;
  /** Good for this container only. */
  token: string;
  /** MiB that the code may use, or null for no limit; the agent enforces it for drivers without a limit of their own. */
  memoryMiB: number | null;
  volumes: readonly VolumeMount[];
  cpu: number | null;
  /** The devices that are its own for as long as it exists; it sees no others. */
  gpus: readonly AssignedGpu[];
  /** Nothing but the way to the orchestrator. Only for drivers that are capable of it. */
  blockNetwork: boolean;
}

export interface ListedContainer {
  containerId: string;
  /** Null when it was started without one; what it has become since is on record elsewhere. So is the other. */
  functionId: string | null;
  deploymentId: string | null;
  /** How the driver itself calls it: a process id, a Docker id. */
  handle: string;
  createdAtMs: number;
  gpus: readonly AssignedGpu[];
}

export type DriverEvent =
  /** The container ended. `error` is null for status 0 or an asked-for end; otherwise it says what ended it. */
  { type: "exited"; containerId: string; error: ErrorData | null };

export interface DriverCapabilities {
  isolation: boolean;
  /** The devices of its hosts. Who gets which is decided elsewhere. */
  gpus: readonly GpuDevice[];
  images: boolean;
  memoryLimit: boolean;
  cpuLimit: boolean;
  blockNetwork: boolean;
}

export interface ContainerDriver {
  readonly name: string;
  readonly capabilities: DriverCapabilities;
  /** As many as its hosts can sensibly run at a time. */
  readonly maxContainers: number;
  /**
   * Makes what containers of this image need. Quick when it is there; may run twice at once. `told` gets what it says, line
   * by line. @throws StartupError saying which step failed, and how; InvalidError for what this driver cannot do.
   */
  buildImage(image: ContainerImage, told: (line: string) => void): Promise<void>;
  /**
   * Containers that are kept ready for images of equal keys are the same; null when none can be: what the image is made of
   * has to be known when its containers start.
   */
  standbyKey(image: ContainerImage): string | null;
  /** The image has been built. Resolves when the container exists, not when it is ready. @throws StartupError, ConflictError (id taken). */
  start(spec: ContainerSpec): Promise<void>;
  /** Asks it to end (SIGTERM), and kills it with everything it started after `graceMs`. Resolves when it is gone; unknown ids are gone. */
  stop(containerId: string, options: { graceMs: number }): Promise<void>;
  /** The containers of this instance that exist now, those of an earlier orchestrator process included. */
  list(): Promise<ListedContainer[]>;
  /** One listener; called once per container that ends, adopted ones included. */
  onEvent(listener: (event: DriverEvent) => void): void;
  /** Lets go of the containers without ending them. */
  close(): Promise<void>;
}
