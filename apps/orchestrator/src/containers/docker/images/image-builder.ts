/**
 * Builds the images of containers on a Docker engine: finds or makes the base, then what the engine has not got of its
 * steps. Equal images have equal names, whoever asks for them, so a second build of one finds everything done, and
 * whatever two builds have in common is made once, also when they run at the same time.
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { InvalidError, StartupError } from "@bellows/protocol/errors";
import type { ImageBase, ImageDefinition } from "@bellows/protocol/image";
import type Docker from "dockerode";
import type { ContainerImage } from "../../driver.ts";
import { removeLeftFolders, withBuildMounts } from "./build-mounts.ts";
import { debianImage } from "./debian-image.ts";
import { buildDockerfile, hasImage, imageId, pull } from "./engine-images.ts";
import { hostImage } from "./host-image.ts";
import { type PlannedStep, planImage } from "./image-plan.ts";
import { runStep } from "./run-step.ts";
import { type RunnerLayer, type RunnerParts, runnerLayer } from "./runner-layer.ts";
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

export interface ImageBuilder {
  build: BuildImage;
  /** Ends the builds that run: their containers are removed when it resolves. */
  close(): Promise<void>;
}

/** A step that takes longer hangs: nobody waits for an image for an hour. */
const LONGEST_STEP_MS = 60 * 60_000;

export function createImageBuilder(deps: ImageBuilderDeps): ImageBuilder {
  const { docker, instance, builder, archive, stateDir } = deps;
  const inFlight = new Map<string, Promise<string>>();
  const closing = new AbortController();
  let swept: Promise<void> | undefined;
  let layer: Promise<RunnerLayer> | undefined;
  const readLayer = (): Promise<RunnerLayer> => {
    layer ??= runnerLayer(deps.parts).catch((error: unknown) => {
      layer = undefined;
      throw error;
    });
    return layer;
  };

  async function build({ definition, packages }: ContainerImage, told: (line: string) => void): Promise<string> {
    swept ??= removeLeftFolders(stateDir);
    await swept;
    const base = await baseOf(definition, told);
    const plan = planImage({ base, baseId: await idOf(base) }, definition, packages);
    const missing = await missingSteps(plan.steps);
    if (missing.length === 0) return plan.name;
    let below = plan.steps.at(-missing.length - 1)?.name ?? base;
    await withBuildMounts(deps, async (mounts) => {
      const tell = (line: string): void => told(mounts.hide(line));
      for (const planned of missing) {
        tell(planned.title);
        const on = below;
        const make = async (): Promise<void> => {
          const binds = await mounts.of(planned.step);
          await runStep(on, planned, { docker, instance, builder, binds, archive, told: tell, signal: limited() });
        };
        below = await made(planned.name, make);
      }
    });
    return plan.name;
  }

  /** Those after the last one that the engine has. */
  async function missingSteps(steps: readonly PlannedStep[]): Promise<PlannedStep[]> {
    for (let done = steps.length; done > 0; done--) {
      if (await hasImage(docker, steps[done - 1]?.name ?? "")) return steps.slice(done);
    }
    return [...steps];
  }

  /** Makes the image of this name if it is not there, once for all who want it at the same time. */
  function made(name: string, make: () => Promise<void>): Promise<string> {
    return joined(name, async () => {
      if (!(await hasImage(docker, name))) await make();
      return name;
    });
  }

  function joined(key: string, make: () => Promise<string>): Promise<string> {
    closing.signal.throwIfAborted();
    const making = inFlight.get(key) ?? make().finally(() => inFlight.delete(key));
    inFlight.set(key, making);
    return making;
  }

  function limited(): AbortSignal {
    return AbortSignal.any([closing.signal, AbortSignal.timeout(LONGEST_STEP_MS)]);
  }

  async function idOf(name: string): Promise<string> {
    const id = await imageId(docker, name);
    if (id === undefined) throw new StartupError(`the image ${name} was removed while it was used; try again`);
    return id;
  }

  async function baseOf(definition: ImageDefinition, told: (line: string) => void): Promise<string> {
    const { base } = definition;
    const layer = await readLayer();
    if (base.type === "node" && !needsDistribution(definition)) return joined("host", () => hostImage(docker, layer));
    const name = await foundBase(base, told);
    const below = { name, id: await idOf(name) };
    return joined(`runner ${below.id}`, () => withRunner(docker, below, { layer, instance, builder }));
  }

  async function foundBase(base: ImageBase, told: (line: string) => void): Promise<string> {
    switch (base.type) {
      case "node":
        return joined("debian", () => debianImage(docker, { stateDir, told, signal: limited() }));
      case "registry":
        return made(base.name, () => pull(docker, base.name, told));
      case "dockerfile":
        return made(...dockerfileImage(base, told));
      default:
        return base satisfies never;
    }
  }

  /** Two Dockerfiles of one folder are two images: the file is part of the name, as its folder is. */
  function dockerfileImage(
    { path, archive: hash }: Extract<ImageBase, { type: "dockerfile" }>,
    told: (line: string) => void,
  ): [name: string, make: () => Promise<void>] {
    if (hash === null) throw new InvalidError(`${path} was not stored; deploy with this version of the CLI`);
    const dockerfile = path.split("/").at(-1) ?? "Dockerfile";
    const key = createHash("sha256").update(`${hash} ${dockerfile}`).digest("hex").slice(0, 24);
    const name = `bellows/dockerfile:${key}`;
    const make = async (): Promise<void> => {
      const context = Readable.from([await archive(hash)]);
      await buildDockerfile(docker, name, { context, dockerfile, told, signal: limited() });
    };
    return [name, make];
  }

  async function close(): Promise<void> {
    closing.abort(new StartupError("the orchestrator is stopping; the next use builds the image again"));
    await Promise.allSettled(inFlight.values());
  }

  return { build, close };
}

/** The image of nothing but Node has no packages to install, and no commands to run. */
function needsDistribution({ steps }: ImageDefinition): boolean {
  return steps.some(({ type }) => type === "apt" || type === "pip" || type === "run");
}
