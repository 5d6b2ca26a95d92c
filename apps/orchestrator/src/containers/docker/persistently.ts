/** Tries again what an engine that is away, or in trouble, has to do all the same. */
import { setTimeout as delay } from "node:timers/promises";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Until it succeeds, with longer and longer pauses. Undefined when `stop` was aborted before. */
export async function persistently<T>(act: () => Promise<T>, stop: AbortSignal): Promise<T | undefined> {
  for (let pauseMs = FIRST_PAUSE_MS; !stop.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await act();
    } catch {
      await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  return undefined;
}
