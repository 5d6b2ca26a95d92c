/**
 * The default image, made of nothing but this host's own files, so that the first call on a fresh machine needs no
 * registry: the runner's layer, a shell for packages that want one, and two accounts. It is named by the hash of all
 * of that.
 */
import { realpath } from "node:fs/promises";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { fileArchive } from "./archives.ts";
import { hasImage, imported } from "./engine-images.ts";
import { fileFrom, hashOf, type ImageFile, librariesOf, type RunnerLayer, WORK_FOLDER } from "./runner-layer.ts";

const REPOSITORY = "bellows/node";
/** Taken along when this host has it. */
const SHELL = "/bin/sh";
const ACCOUNTS = {
  "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
  "/etc/group": "root:x:0:\nnogroup:x:65534:\n",
  "/etc/nsswitch.conf": "hosts: files dns\n",
};

/** The name of the image, which is made when the engine has not got it. @throws StartupError. */
export async function hostImage(docker: Docker, layer: RunnerLayer): Promise<string> {
  const { name, files } = await contentOf(layer);
  if (await hasImage(docker, name)) return name;
  const folders = ["tmp", WORK_FOLDER.slice(1)];
  await imported(docker, name, Readable.from(fileArchive(files, { folders })));
  return name;
}

/** What the image holds, and the name that follows from it. */
export async function contentOf(layer: RunnerLayer): Promise<{ name: string; files: ImageFile[] }> {
  const files = [...layer.files, ...(await libraries(layer)), ...accounts()];
  return { name: `${REPOSITORY}:${hashOf(files)}`, files };
}

async function libraries(layer: RunnerLayer): Promise<ImageFile[]> {
  const shell = await realpath(SHELL).catch(() => undefined);
  if (shell === undefined) return [...layer.libraries];
  const known = new Set(layer.libraries.map(({ path }) => path));
  const more = (await librariesOf([shell])).filter(({ path }) => !known.has(path));
  return [...layer.libraries, ...more, await fileFrom(shell, SHELL, 0o755)];
}

function accounts(): ImageFile[] {
  return Object.entries(ACCOUNTS).map(([path, text]) => ({ path, mode: 0o644, content: Buffer.from(text) }));
}
