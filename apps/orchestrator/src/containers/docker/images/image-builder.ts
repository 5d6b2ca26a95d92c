/**
 * Builds the images of containers on a Docker engine: finds or makes the base, then what the engine has not got of its
 * steps. Equal images have equal names, whoever asks for them, so a second build of one finds everything done.
 */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { InvalidError, StartupError } from "@bellows/protocol/errors";
import type { ImageBase, ImageDefinition } from "@bellows/protocol/image";
import type Docker from "dockerode";
import type { ContainerImage } from "../../driver.ts";
import { debianImage } from "./debian-image.ts";
import { buildDockerfile, hasImage, imageId, pull } from "./engine-images.ts";
import { hostImage } from "./host-image.ts";
import { type PlannedStep, planImage } from "./image-plan.ts";
import { runStep } from "./run-step.ts";
import { type RunnerLayer, type RunnerParts, runnerLayer } from "./runner-layer.ts";
import { BUILD_ENVIRONMENT, buildEnvironment, NPM_FOLDER, NPM_SETTINGS } from "./step-scripts.ts";
import { withRunner } from "./with-runner.ts";

export interface ImageBuilderDeps {
  docker: Docker;
  instance: string;
  /** Of this process, on the containers of its builds. */
  builder: string;
  parts: RunnerParts;
  /** For what is mounted while a step runs. */
  stateDir: string;
  environment: Record<string, string | undefined>;
  /** A stored archive. @throws NotFoundError */
  archive: (hash: string) => Promise<Uint8Array>;
}

/** Resolves with the name of the image, complete. @throws StartupError saying which step failed, and how. */
export type BuildImage = (image: ContainerImage, told: (line: string) => void) => Promise<string>;

export function createImageBuilder(deps: ImageBuilderDeps): BuildImage {
  const { docker, instance, builder, archive } = deps;
  const inFlight = new Map<string, Promise<void>>();
  let layer: Promise<RunnerLayer> | undefined;
  const readLayer = (): Promise<RunnerLayer> => {
    layer ??= runnerLayer(deps.parts).catch((error: unknown) => {
      layer = undefined;
      throw error;
    });
    return layer;
  };

  return async ({ definition, packages }, told) => {
    const base = await baseOf(definition, told);
    const baseId = await imageId(docker, base);
    if (baseId === undefined) throw new StartupError(`the image ${base} was removed while it was used; try again`);
    const plan = planImage({ base, baseId }, definition, packages);
    let below = base;
    const missing: PlannedStep[] = [];
    for (const planned of plan.steps) {
      if (missing.length === 0 && (await hasImage(docker, planned.name))) below = planned.name;
      else missing.push(planned);
    }
    if (missing.length === 0) return plan.name;
    await withMounts(deps, async (binds) => {
      for (const planned of missing) {
        told(planned.title);
        const on = below;
        await joined(planned.name, () => runStep(on, planned, { docker, instance, builder, binds, archive, told }));
        below = planned.name;
      }
    });
    return plan.name;
  };

  /** Two images may have their first steps in common, and be built at the same time. */
  async function joined(name: string, make: () => Promise<void>): Promise<void> {
    const making = inFlight.get(name) ?? make().finally(() => inFlight.delete(name));
    inFlight.set(name, making);
    await making;
  }

  async function baseOf(definition: ImageDefinition, told: (line: string) => void): Promise<string> {
    const { base } = definition;
    if (base.type === "node" && !needsDistribution(definition)) return await hostImage(docker, await readLayer());
    const name = await foundBase(base, told);
    const id = await imageId(docker, name);
    if (id === undefined) throw new StartupError(`the image ${name} was removed while it was used; try again`);
    return await withRunner(docker, { name, id }, { layer: await readLayer(), instance, builder });
  }

  async function foundBase(base: ImageBase, told: (line: string) => void): Promise<string> {
    switch (base.type) {
      case "node":
        return await debianImage(docker, told);
      case "registry":
        if (!(await hasImage(docker, base.name))) await pull(docker, base.name, told);
        return base.name;
      case "dockerfile": {
        if (base.archive === null) {
          throw new InvalidError(`${base.path} was not stored; deploy with this version of the CLI`);
        }
        const name = `bellows/dockerfile:${base.archive.slice(0, 24)}`;
        if (await hasImage(docker, name)) return name;
        const context = Readable.from([await archive(base.archive)]);
        const dockerfile = base.path.split("/").at(-1) ?? "Dockerfile";
        await buildDockerfile(docker, name, { context, dockerfile, told });
        return name;
      }
      default:
        return base satisfies never;
    }
  }
}

/** The image of nothing but Node has no packages to install, and no commands to run. */
function needsDistribution({ steps }: ImageDefinition): boolean {
  return steps.some(({ type }) => type === "apt" || type === "pip" || type === "run");
}

/** How registries are reached, and this host's npm with its settings: there while steps run, and no part of the image. */
async function withMounts(
  { stateDir, environment }: ImageBuilderDeps,
  work: (binds: string[]) => Promise<void>,
): Promise<void> {
  await mkdir(join(stateDir, "run"), { recursive: true });
  const folder = await mkdtemp(join(stateDir, "run", "build-"));
  try {
    const variables = join(folder, "environment");
    await writeFile(variables, buildEnvironment(environment), { mode: 0o600 });
    const settings = environment.npm_config_userconfig ?? join(environment.HOME ?? "/nowhere", ".npmrc");
    const npmSettings = await realpath(settings).catch(() => undefined);
    await work([
      `${variables}:${BUILD_ENVIRONMENT}:ro`,
      `${await npmFolder()}:${NPM_FOLDER}:ro`,
      ...(npmSettings === undefined ? [] : [`${npmSettings}:${NPM_SETTINGS}:ro`]),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where the npm that came with this Node lies. */
async function npmFolder(): Promise<string> {
  const bin = dirname(await realpath(process.execPath));
  const candidates = [join(bin, "..", "lib", "node_modules", "npm"), join(bin, "node_modules", "npm")];
  for (const path of candidates) {
    const found = await realpath(path).catch(() => undefined);
    if (found) return found;
  }
  throw new StartupError(`there is no npm beside ${process.execPath}; install npm to use packages in containers`);
}
