/**
 * Does one step: in a container of the image below, which is then kept as the image above. A step that fails, or is cut
 * short, leaves no image; its container is removed, by the next orchestrator if need be.
 */
import { PassThrough, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { InvalidError, StartupError } from "@bellows/protocol/errors";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { buildLabels, WITHOUT_LABELS } from "../container-labels.ts";
import { asked } from "../engine.ts";
import { lastOf } from "./engine-images.ts";
import type { PlannedStep } from "./image-plan.ts";
import { PACKAGES_FOLDER, WORK_FOLDER } from "./runner-layer.ts";
import { scriptOf } from "./step-scripts.ts";
import { terminalLines } from "./terminal-lines.ts";

export interface StepDeps {
  docker: Docker;
  instance: string;
  /** Of this process. */
  builder: string;
  /** Mounts of every step. */
  binds: readonly string[];
  archive: (hash: string) => Promise<Uint8Array>;
  told: (line: string) => void;
  /** Ends the step. */
  signal: AbortSignal;
}

/** @throws StartupError naming the step, with what it said last; the signal's reason when that ended it. */
export async function runStep(below: string, planned: PlannedStep, deps: StepDeps): Promise<void> {
  const { docker, instance, builder, binds, signal } = deps;
  const { step, name, title, variables } = planned;
  const isScripted = step.type !== "copy" && step.type !== "env";
  await asked(title, async () => {
    const container = await docker.createContainer({
      Image: below,
      User: "0",
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: [isScripted ? scriptOf(step) : ":"],
      WorkingDir: WORK_FOLDER,
      Env: Object.entries(variables).map(([key, value]) => `${key}=${value}`),
      Labels: buildLabels({ instance, builder }),
      HostConfig: { Binds: [...binds], Tmpfs: { "/tmp": "exec,mode=1777" }, Init: true },
    });
    let removal: Promise<unknown> | undefined;
    // Once: of a removal that is under way the engine only says that it is.
    const remove = (): Promise<unknown> => {
      removal ??= container.remove({ force: true, v: true }).catch(() => undefined);
      return removal;
    };
    const end = (): void => void remove();
    signal.addEventListener("abort", end, { once: true });
    try {
      signal.throwIfAborted();
      if (step.type === "npm") await container.putArchive(manifest(planned.npmPackages), { path: "/" });
      if (step.type === "copy") await copy(container, step, deps);
      if (isScripted) await run(docker, container, title, deps.told);
      const [repo, tag] = name.split(":");
      await container.commit({ repo, tag, changes: WITHOUT_LABELS });
    } catch (error) {
      throw signal.aborted ? endedBy(signal, title) : error;
    } finally {
      signal.removeEventListener("abort", end);
      await remove();
    }
  });
}

function endedBy({ reason }: AbortSignal, title: string): StartupError {
  const why = reason instanceof StartupError ? reason.message : "it took longer than an hour";
  return new StartupError(`${title} was ended: ${why}`);
}

async function run(docker: Docker, container: Docker.Container, title: string, told: (line: string) => void) {
  const output = await container.attach({ stream: true, stdout: true, stderr: true });
  const both = new PassThrough();
  docker.modem.demuxStream(output, both, both);
  output.on("end", () => both.end());
  const said: string[] = [];
  const listening = (async () => {
    for await (const line of terminalLines(both)) {
      said.push(line);
      told(line);
    }
  })();
  await container.start();
  const { StatusCode: status } = await container.wait();
  await listening;
  if (status !== 0) throw new StartupError(`${title} failed with status ${status}; it said last:\n${lastOf(said)}`);
}

/** The names in the archive say where its files belong. */
async function copy(
  container: Docker.Container,
  { from, to, archive }: Extract<PlannedStep["step"], { type: "copy" }>,
  { archive: load }: StepDeps,
): Promise<void> {
  if (archive === null) throw new InvalidError(`copy: ${from} was not stored; deploy with this version of the CLI`);
  const files = Readable.from([await load(archive)]).pipe(createGunzip());
  await container.putArchive(files, { path: to.startsWith("/") ? "/" : WORK_FOLDER });
}

function manifest(packages: Readonly<Record<string, string>>) {
  // Install scripts of packages that are not listed will be skipped by a later npm: native addons are built by theirs.
  const allowScripts = Object.fromEntries(Object.keys(packages).map((name) => [name, true]));
  const content = JSON.stringify({ name: "image-packages", private: true, dependencies: packages, allowScripts });
  const tar = pack();
  // There, even if nothing comes of all of them: code looks for its packages in it.
  tar.entry({ name: `${PACKAGES_FOLDER.slice(1)}/node_modules/`, type: "directory", mode: 0o755 });
  tar.entry({ name: `${PACKAGES_FOLDER.slice(1)}/package.json` }, content);
  tar.finalize();
  return tar.pipe(new PassThrough());
}
