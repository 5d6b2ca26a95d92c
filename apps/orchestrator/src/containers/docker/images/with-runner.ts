/** An image of somebody else's with the runner's layer on it. Nothing of its own is changed: only what is missing is added. */
import { createHash } from "node:crypto";
import { PassThrough } from "node:stream";
import { StartupError } from "@bellows/protocol/errors";
import type Docker from "dockerode";
import { buildLabels, WITHOUT_LABELS } from "../container-labels.ts";
import { asked, isMissing, removeContainer } from "../engine.ts";
import { fileArchive, PROGRAM } from "./archives.ts";
import { hasImage, nameUnlessTaken } from "./engine-images.ts";
import { NODE_PATH, type RunnerLayer, WORK_FOLDER } from "./runner-layer.ts";

const REPOSITORY = "bellows/base";

/** The name of the image. @throws StartupError when this host's Node does not run on it. */
export async function withRunner(
  docker: Docker,
  { name, id }: { name: string; id: string },
  { layer, instance, builder }: { layer: RunnerLayer; instance: string; builder: string },
): Promise<string> {
  const hash = createHash("sha256").update(`${id} ${layer.hash}`).digest("hex").slice(0, 24);
  const made = `${REPOSITORY}:${hash}`;
  if (await hasImage(docker, made)) return made;
  await asked(`the image ${name} cannot be prepared`, async () => {
    const container = await docker.createContainer({
      Image: name,
      User: "0",
      // The one thing that it is ever asked to run: whether this Node works on it.
      Entrypoint: [NODE_PATH],
      Cmd: ["--version"],
      Labels: buildLabels({ instance, builder }),
      HostConfig: { NetworkMode: "none" },
    });
    try {
      const missing = [];
      for (const library of layer.libraries) if (!(await has(container, library.path))) missing.push(library);
      const archive = fileArchive([...layer.files, ...missing], {
        folders: (await has(container, WORK_FOLDER)) ? [] : [WORK_FOLDER.slice(1)],
        program: (await hasNode(container)) ? null : PROGRAM,
      });
      await container.putArchive(archive.pipe(new PassThrough()), { path: "/" });
      await container.start();
      const { StatusCode: status } = await container.wait();
      if (status !== 0) {
        const said = String(await container.logs({ stdout: true, stderr: true, tail: 5 }));
        throw new StartupError(
          `the image ${name} cannot run this host's Node; it needs glibc 2.28 or newer, or none: ${printable(said)}`,
        );
      }
      const { Id } = await container.commit({ changes: WITHOUT_LABELS });
      await nameUnlessTaken(docker, Id, made);
    } finally {
      await removeContainer(container).catch(() => undefined);
    }
  });
  return made;
}

/** Where most images that have one have it. Code of functions runs on this host's in any case. */
async function hasNode(container: Docker.Container): Promise<boolean> {
  return (await has(container, PROGRAM)) || (await has(container, "/usr/bin/node"));
}

async function has(container: Docker.Container, path: string): Promise<boolean> {
  try {
    await container.infoArchive({ path });
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e\n]/g, "").trim();
}
