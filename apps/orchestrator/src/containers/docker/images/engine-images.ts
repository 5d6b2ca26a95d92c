/** What the engine is asked about images: whether it has one, to take one in, to pull one, to build a Dockerfile. */
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { StartupError } from "@bellows/protocol/errors";
import type Docker from "dockerode";
import * as z from "zod";
import { asked, isMissing } from "../engine.ts";
import { terminalLines } from "./terminal-lines.ts";

/** Of each line with which the engine tells of its progress. */
const progressSchema = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional() }).optional(),
  error: z.string().optional(),
});

/** The id of the image, the hash of what it consists of; undefined when the engine has not got it. */
export async function imageId(docker: Docker, name: string): Promise<string | undefined> {
  return await asked(`the image ${name} cannot be looked for`, async () => {
    try {
      return (await docker.getImage(name).inspect()).Id;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  });
}

export async function hasImage(docker: Docker, name: string): Promise<boolean> {
  return (await imageId(docker, name)) !== undefined;
}

/** Makes an image of an archive of its files. */
export async function imported(docker: Docker, name: string, archive: Readable): Promise<void> {
  await asked(`the image ${name} cannot be made`, async () => {
    const said = await text(await docker.importImage(archive, { fromSrc: "-" }));
    const refusal = /"error":\s*"((?:[^"\\]|\\.)*)"/.exec(said)?.[1];
    const id = /"status":\s*"(sha256:[0-9a-f]{64})"/.exec(said)?.[1];
    if (id === undefined) throw new Error(refusal ?? `the engine said: ${said}`);
    await nameUnlessTaken(docker, id, name);
  });
}

/**
 * What is built on an image is named by its id. Where another orchestrator of the engine has made one of this name
 * meanwhile, that one keeps it, and what has been built on it stays what is looked for.
 *
 * The engine cannot look and name in one step. Two that name at once both look again, and the one that finds the other's
 * removes its own. An image is left without a name, for `docker image prune`, when the other takes the name after that
 * look, or when this process ends before it has named what it made; the next start makes another.
 */
export async function nameUnlessTaken(docker: Docker, id: string, name: string): Promise<void> {
  const [repo = name, tag = "latest"] = name.split(":");
  if ((await imageId(docker, name)) === undefined) await docker.getImage(id).tag({ repo, tag });
  if ((await imageId(docker, name)) === id) return;
  await docker
    .getImage(id)
    .remove()
    .catch(() => undefined);
}

/** @throws StartupError when no registry has it, or none can be reached. */
export async function pull(docker: Docker, name: string, told: (line: string) => void): Promise<void> {
  const tagged = /:[^/]+$|@/.test(name) ? name : `${name}:latest`;
  await asked(`the image ${name} could not be pulled`, async () => {
    await followed(await docker.pull(tagged), told);
  });
}

/** @throws StartupError with the step that failed. */
export async function buildDockerfile(
  docker: Docker,
  name: string,
  {
    context,
    dockerfile,
    told,
    signal,
  }: { context: Readable; dockerfile: string; told: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  const said: string[] = [];
  const listen = (line: string): void => {
    said.push(line);
    told(line);
  };
  await asked(`${dockerfile} could not be built`, async () => {
    try {
      await followed(
        await docker.buildImage(context, { t: name, dockerfile, rm: true, forcerm: true, abortSignal: signal }),
        listen,
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new StartupError(`${dockerfile} could not be built: ${error.message}; it said last:\n${lastOf(said)}`, {
        cause: error,
      });
    }
  });
}

const TOLD_LINES = 20;

export function lastOf(lines: readonly string[]): string {
  return lines.slice(-TOLD_LINES).join("\n");
}

class Refusal extends Error {}

/** The engine answers 200 before it begins, and says line by line how it goes. */
async function followed(answer: NodeJS.ReadableStream, told: (line: string) => void): Promise<void> {
  for await (const line of terminalLines(answer as AsyncIterable<Buffer>)) {
    if (line.trim() === "") continue;
    const { stream, status, id, progressDetail, error } = progressSchema.parse(JSON.parse(line));
    if (error !== undefined) throw new Refusal(error);
    // What is still under way comes many times a second.
    if (progressDetail?.current !== undefined) continue;
    const text = stream ?? [id, status].filter(Boolean).join(": ");
    for (const part of text.split(/[\r\n]+/)) if (part.trim() !== "") told(part);
  }
}
