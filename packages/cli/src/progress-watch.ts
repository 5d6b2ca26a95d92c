/**
 * Asks how far the calls of an app are, a few times a second, while it is watched. A question that fails is asked
 * again: progress is only shown, nothing depends on it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { LIMITS } from "@bellows/protocol/limits";
import { isFinishedCall } from "@bellows/protocol/states";
import type { CallView } from "@bellows/protocol/views";
import { type Progress, progressOf } from "./progress.ts";
import type { Session } from "./session.ts";

const POLL_MS = 400;
/** Pages of new calls read in one poll; what is beyond comes with the next. */
const MAX_PAGES = 20;
/** At the end; what has not ended after these goes on, or is about to be cancelled. */
const LAST_LOOKS = 8;
const LAST_LOOK_MS = 100;

export interface ProgressWatch {
  /** Asks until every call has ended, for a second at most, and ends. The last known state when the orchestrator does not answer. */
  finish(): Promise<Progress | undefined>;
}

export function watchProgress(session: Session, appId: string, changed: (progress: Progress) => void): ProgressWatch {
  const calls = new Map<string, CallView>();
  let latest: Progress | undefined;
  let polling: Promise<void> | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function readCalls(): Promise<void> {
    let cursor: string | null = null;
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const at: { cursor?: string } = cursor === null ? {} : { cursor };
      const page = await session.request((api) => api.calls.list.query({ appId, limit: LIMITS.pageRows, ...at }));
      const fresh = page.items.filter(({ id }) => !isKnownFinished(id));
      for (const call of page.items) calls.set(call.id, call);
      cursor = page.nextCursor;
      if (cursor === null || fresh.length === 0) break;
    }
    const running = await session.request((api) =>
      api.calls.list.query({ appId, state: "running", limit: LIMITS.pageRows }),
    );
    const stillRunning = new Set(running.items.map(({ id }) => id));
    for (const call of running.items) calls.set(call.id, call);
    // Long calls below the newest page leave the list of running ones when they end: look at each once more.
    for (const [id, call] of calls) {
      if (isFinishedCall(call.state) || stillRunning.has(id)) continue;
      calls.set(id, await session.request((api) => api.calls.get.query({ id })));
    }
  }

  function isKnownFinished(id: string): boolean {
    const call = calls.get(id);
    return call !== undefined && isFinishedCall(call.state);
  }

  async function poll(): Promise<void> {
    const [, functions] = await Promise.all([
      readCalls(),
      session.request((api) => api.functions.list.query({ appId, limit: LIMITS.pageRows })),
    ]);
    latest = progressOf([...calls.values()], functions.items);
    changed(latest);
  }

  function schedule(): void {
    timer = setTimeout(() => {
      polling = poll()
        .catch(() => undefined)
        .then(() => (stopped ? undefined : schedule()));
    }, POLL_MS);
    timer.unref();
  }

  /** Asks once more; true when every call has ended, or nobody answers. */
  async function isSettled(): Promise<boolean> {
    return poll().then(
      () => [...calls.values()].every(({ state }) => isFinishedCall(state)),
      () => true,
    );
  }

  schedule();
  return {
    async finish() {
      stopped = true;
      clearTimeout(timer);
      await polling;
      // Who called has its results before the last of them is counted.
      for (let looks = 0; looks < LAST_LOOKS && !(await isSettled()); looks += 1) await delay(LAST_LOOK_MS);
      return latest;
    },
  };
}
