/** Which driver runs the containers here, and why this one, in words that the console shows. */
import { join } from "node:path";
import { errorData, InvalidError } from "@bellows/protocol/errors";
import type { GpuDevice } from "@bellows/protocol/gpus";
import { AGENT_PATH, OWN_SDK_FOLDER } from "@bellows/runner/paths";
import type { ContainerDriver } from "./driver.ts";
import { createProcessDriver } from "./process-driver.ts";

export interface SelectOptions {
  stateDir: string;
  hostEnvironment?: Record<string, string | undefined>;
  /** Of the Docker engine; null for its default. Asked for, it is never done without. */
  dockerRuntime?: string | null;
  /** Files that images are made of. @throws NotFoundError */
  archive: (hash: string) => Promise<Uint8Array>;
  /** Of this host; none when left out. */
  gpus?: readonly GpuDevice[];
}

export interface SelectedDriver {
  driver: ContainerDriver;
  reason: string;
  /** Where the orchestrator has to listen for the driver's containers, besides its port; null: nowhere. */
  socketPath: string | null;
}

const RUNNER = {
  nodePath: process.execPath,
  agentPath: AGENT_PATH,
  ownSdkFolder: OWN_SDK_FOLDER,
};

type Select = (options: SelectOptions) => Promise<SelectedDriver>;

const NOT_ISOLATED = "containers are processes of this host and not isolated from it";

const DRIVERS: Record<string, Select> = {
  /** Docker where its engine can be used, processes elsewhere: whatever the host has, it works. */
  async auto(options) {
    try {
      return await docker(options, (engine) => `${engine} answers`);
    } catch (error) {
      if (options.dockerRuntime) throw error;
      return processes(options, `${errorData(error).message}; until then ${NOT_ISOLATED}`);
    }
  },
  process: async (options) => processes(options, `BELLOWS_DRIVER asks for it; ${NOT_ISOLATED}`),
  docker: (options) => docker(options, (engine) => `BELLOWS_DRIVER asks for it; containers are those of ${engine}`),
};

/** @throws InvalidError for a driver that this version does not have; StartupError when the one that is wanted cannot be used. */
export async function selectDriver(wanted: string, options: SelectOptions): Promise<SelectedDriver> {
  const select = DRIVERS[wanted];
  if (select) return await select(options);
  const known = Object.keys(DRIVERS).join(", ");
  throw new InvalidError(`BELLOWS_DRIVER is "${wanted}", but this version has no such driver; choose one of ${known}`);
}

async function docker(options: SelectOptions, reason: (engine: string) => string): Promise<SelectedDriver> {
  // Loaded only for this: the engine's client is large.
  const { openDocker } = await import("./docker/open-docker.ts");
  const { driver, engine, socketPath } = await openDocker({
    ...RUNNER,
    stateDir: options.stateDir,
    environment: options.hostEnvironment ?? {},
    runtime: options.dockerRuntime ?? null,
    archive: options.archive,
    gpus: options.gpus ?? [],
  });
  return { driver, reason: reason(engine), socketPath };
}

function processes(options: SelectOptions, reason: string): SelectedDriver {
  const { nodePath, agentPath, ownSdkFolder } = RUNNER;
  const { stateDir, hostEnvironment, archive, gpus = [] } = options;
  const driver = createProcessDriver({
    stateDir,
    nodePath,
    agentPath,
    cacheDir: join(stateDir, "cache"),
    ownSdkFolder,
    archive,
    gpus,
    ...(hostEnvironment ? { hostEnvironment } : {}),
  });
  return { driver, reason, socketPath: null };
}
