/** The sync calls that one client link watches, because they were opened on a link that is gone. One watch per call. */
import type { CallListener } from "../engine/call-listener.ts";
import type { EngineRegistry } from "../engine/engine-registry.ts";
import type { Watch } from "../engine/watch.ts";

export interface LinkWatches {
  /** In place of an older watch of the same call. */
  start(callId: string, fromIndex: number): void;
  stopAll(): void;
}

interface Options {
  engines: Pick<EngineRegistry, "watch">;
  /** The environment whose calls may be watched; null for all. */
  scope: string | null;
  target: CallListener;
  refused: (callId: string, error: unknown) => void;
  room: () => Promise<void>;
}

export function linkWatches({ engines, scope, target, refused, room }: Options): LinkWatches {
  const watches = new Map<string, Watch>();

  function start(callId: string, fromIndex: number): void {
    watches.get(callId)?.stop();
    const listener: CallListener = {
      output: target.output,
      yielded: target.yielded,
      finished(id, end) {
        if (watches.get(callId) === watch) watches.delete(callId);
        target.finished(id, end);
      },
    };
    const watch = engines.watch({ callId, index: fromIndex }, listener, { room, scope });
    watches.set(callId, watch);
    watch.replayed.catch((error: unknown) => {
      if (watches.get(callId) === watch) watches.delete(callId);
      refused(callId, error);
    });
  }

  return {
    start,
    stopAll() {
      for (const watch of watches.values()) watch.stop();
      watches.clear();
    },
  };
}
