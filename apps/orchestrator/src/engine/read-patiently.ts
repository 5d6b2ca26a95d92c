/** Reading facts while Postgres may be away for a while: callers wait for it instead of failing with it. */
import { BellowsError } from "@bellows/protocol/errors";
import { verdictOn } from "../journal/failure.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** About a minute in all; a Postgres that restarts is back long before. */
const ATTEMPTS = 36;

/** Reads again, with growing pauses, for as long as only Postgres is in the way. @throws what `read` threw last. */
export async function readPatiently<T>(read: () => Promise<T>, givenUp: () => boolean = () => false): Promise<T> {
  for (let attempt = 1, pauseMs = FIRST_PAUSE_MS; ; attempt++, pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await read();
    } catch (error) {
      if (attempt === ATTEMPTS || givenUp() || !mayPass(error)) throw error;
      const waitMs = pauseMs;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** An error of ours is an answer, and so is one that Postgres gives about the question itself. */
function mayPass(error: unknown): boolean {
  if (error instanceof BellowsError) return error.code === "CONNECTION";
  return verdictOn(error).type === "retry";
}
