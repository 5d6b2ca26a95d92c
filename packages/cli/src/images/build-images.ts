/** Has the images of an app built before it is deployed, and shows what is said: a deploy whose image fails changes nothing. */
import { errorFromData } from "@bellows/protocol/errors";
import type { ImageDefinition } from "@bellows/protocol/image";
import pc from "picocolors";
import type { Session } from "../session.ts";

const POLL_MS = 200;

/** One after the other, each of them once. @throws what a build failed of: StartupError, InvalidError. */
export async function buildImages(
  images: readonly (ImageDefinition | null)[],
  { session, bundleHash }: { session: Session; bundleHash: string },
): Promise<void> {
  const distinct = new Map(images.map((image) => [JSON.stringify(image), image]));
  for (const definition of distinct.values()) {
    const { id } = await session.request((api) => api.images.build.mutate({ definition, bundleHash }));
    await followBuild(id, session);
  }
}

/** Shows the log of a build until it has ended. */
async function followBuild(id: string, { request }: Pick<Session, "request">): Promise<void> {
  for (let from = 0; ; ) {
    const { text, next, state, error } = await request((api) => api.images.log.query({ id, from }));
    for (const line of text.split("\n")) if (line.trim() !== "") process.stderr.write(`${pc.dim(`image | ${line}`)}\n`);
    from = next;
    if (state === "ready") return;
    if (state === "failed" && error) throw errorFromData(error);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
