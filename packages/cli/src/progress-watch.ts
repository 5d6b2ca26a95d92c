/**
 * Asks how far the calls of an app are, a few times a second, while it is watched. A question that fails is asked
 * again: progress is only shown, nothing depends on it.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { AppProgressView } from "@bellows/protocol/views";
import type { Session } from "./session.ts";

const POLL_MS = 400;
/** A count of very many calls takes a while, and is not to be all that the orchestrator does. */
const MAX_BUSY_SHARE = 0.2;
const LAST_LOOK_MS = 100;
const PATIENCE_MS = 1_000;

export interface ProgressWatch {
  /** From now on nothing is shown. */
  stop(): void;
  /**
   * Stops, and resolves with the last known state: that in which every call has ended (or `once`, the first) if it is
   * known within a second. Undefined when the orchestrator has never answered.
   */
  last(options: { once: boolean }): Promise<AppProgressView | undefined>;
}

export function watchProgress(
  session: Pick<Session, "request">,
  appId: string,
  changed: (progress: AppProgressView) => void,
): ProgressWatch {
  let latest: AppProgressView | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<AppProgressView> {
    latest = await session.request((api) => api.apps.progress.query({ id: appId }));
    return latest;
  }

  function schedule(waitMs: number): void {
    timer = setTimeout(async () => {
      const askedAtMs = performance.now();
      const progress = await look().catch(() => undefined);
      if (stopped) return;
      if (progress) changed(progress);
      schedule(Math.max(POLL_MS, (performance.now() - askedAtMs) / MAX_BUSY_SHARE));
    }, waitMs);
    timer.unref();
  }

  function stop(): void {
    stopped = true;
    clearTimeout(timer);
  }

  schedule(POLL_MS);
  return {
    stop,
    async last({ once }) {
      stop();
      const patience = new AbortController();
      const late = delay(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
      let isLate = false;
      const ask = async (): Promise<void> => {
        // Who called has its results before the last of them is counted.
        while ((await look()).unfinished > 0 && !once && !isLate) await delay(LAST_LOOK_MS);
      };
      await Promise.race([ask().catch(() => undefined), late]);
      isLate = true;
      patience.abort();
      return latest;
    },
  };
}
