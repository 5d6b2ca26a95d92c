/** An image whose files lie on this machine becomes one that names them by content; the orchestrator has them then. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import dockerignore from "@balena/dockerignore";
import type { ImageDefinition } from "@bellows/protocol/image";
import { type Archive, archiveOf } from "./archive.ts";

/** `folder` is what its paths are relative to. @throws InvalidError for files that are not there. */
export async function storedImage(
  { base, steps }: ImageDefinition,
  { folder, store }: { folder: string; store: (archive: Archive) => Promise<void> },
): Promise<ImageDefinition> {
  const kept = async (archive: Promise<Archive>): Promise<string> => {
    const made = await archive;
    await store(made);
    return made.hash;
  };
  return {
    base: base.type === "dockerfile" ? { ...base, archive: await kept(contextOf(resolve(folder, base.path))) } : base,
    steps: await Promise.all(
      steps.map(async (step) =>
        step.type === "copy"
          ? { ...step, archive: await kept(archiveOf(resolve(folder, step.from), { to: step.to })) }
          : step,
      ),
    ),
  };
}

/** The folder of a Dockerfile, without what its `.dockerignore` names. */
async function contextOf(dockerfile: string): Promise<Archive> {
  const folder = dirname(dockerfile);
  const rules = await readFile(join(folder, ".dockerignore"), "utf8").catch(() => "");
  const left = dockerignore.default().add(rules);
  // The engine reads the Dockerfile from the context, whatever is left out of what it copies.
  const ignored = (path: string): boolean => path !== basename(dockerfile) && left.ignores(path);
  return archiveOf(folder, { to: "", ignored, looksInto: /^\s*!/m.test(rules), keepsLinks: true });
}
