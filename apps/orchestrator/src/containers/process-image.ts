/**
 * What a process of this host can have of an image: npm packages and files in the cache, and variables. They are put there
 * once; a container finds its packages by its agent, and gets a copy of the files in the folder that its code starts in.
 */
import { cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { InvalidError, StartupError } from "@bellows/protocol/errors";
import { archivesOf, npmPackagesOf, partForEngine } from "@bellows/protocol/image";
import { installForHost } from "@bellows/runner/host-packages";
import { extract } from "tar-stream";
import type { ContainerImage } from "./driver.ts";

export interface ProcessImageDeps {
  /** Of bundles, packages and files. */
  cacheDir: string;
  /** @throws NotFoundError */
  archive: (hash: string) => Promise<Uint8Array>;
}

/** @throws InvalidError for what only a container engine can do; StartupError with what npm said last. */
export async function buildProcessImage(
  { definition, packages }: ContainerImage,
  deps: ProcessImageDeps,
  told: (line: string) => void,
): Promise<void> {
  const part = partForEngine(definition);
  if (part !== null) {
    throw new InvalidError(
      `${part} needs the Docker driver: processes of this host share its file system; set BELLOWS_DRIVER=docker, or leave it out`,
    );
  }
  for (const hash of archivesOf(definition)) await filesOf(hash, deps);
  const all = { ...npmPackagesOf(definition), ...packages };
  if (Object.keys(all).length === 0) return;
  const list = Object.entries(all).map(([name, version]) => `${name}@${version}`);
  told(`npm install ${list.join(" ")}`);
  await installForHost(all, deps.cacheDir);
}

/** Copies the files of the image into a container's own folder, where they are its own to change. */
export async function copyFiles({ definition }: ContainerImage, folder: string, deps: ProcessImageDeps): Promise<void> {
  for (const hash of archivesOf(definition)) await cp(await filesOf(hash, deps), folder, { recursive: true });
}

/** The folder with the unpacked archive. It appears by one rename, so what is found is whole. */
async function filesOf(hash: string, { cacheDir, archive }: ProcessImageDeps): Promise<string> {
  const folder = join(cacheDir, "files", hash);
  if (await isThere(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const unpacking = await mkdtemp(`${folder}-`);
  try {
    await unpack(await archive(hash), unpacking);
    await rename(unpacking, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error;
    });
  } finally {
    await rm(unpacking, { recursive: true, force: true });
  }
  return folder;
}

async function unpack(archive: Uint8Array, folder: string): Promise<void> {
  const entries = Readable.from([archive]).pipe(createGunzip()).pipe(extract());
  for await (const entry of entries) {
    const { name, type, mode } = entry.header;
    const path = normalize(name);
    if (path.startsWith("..") || path.startsWith("/")) {
      throw new StartupError(`the files of the image hold ${JSON.stringify(name)}, which leads out of their folder`);
    }
    if (type === "file") {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), await buffer(entry), { mode: mode ?? 0o644 });
    } else {
      entry.resume();
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
