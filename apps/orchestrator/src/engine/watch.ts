/**
 * The outputs of a sync call from an index on, for a caller whose link was cut: those that are stored, then those that
 * come, then its end. None is missed; one may come twice and is told apart by its index. The end comes after all that it
 * covers.
 */
import { InvalidError } from "@bellows/protocol/errors";
import type { FactReader } from "../journal/facts.ts";
import type { CallEnd, CallListener } from "./call-listener.ts";
import { readPatiently } from "./read-patiently.ts";
import type { FoundCall } from "./reads.ts";

const PAGE = 512;

export interface Watch {
  /** Nothing is delivered after this. Safe twice. */
  stop(): void;
  /** Resolves when what was stored has been delivered or the watch was stopped; rejects when it cannot be read. */
  readonly replayed: Promise<void>;
}

export interface WatchDeps {
  /** @throws NotFoundError, OutputExpiredError. */
  find: () => Promise<FoundCall>;
  reader: Pick<FactReader, "outputs">;
  /** Resolves when the target can take another page. */
  room: () => Promise<void>;
}

export function watchOutputs(from: { callId: string; index: number }, target: CallListener, deps: WatchDeps): Watch {
  const { callId } = from;
  let stopped = false;
  let replaying = true;
  let end: CallEnd | undefined;
  let unlisten = (): void => {};

  /** Outputs that come during the replay pass at once: their order is the caller's business. */
  const listener: CallListener = {
    output: target.output,
    yielded: target.yielded,
    finished(_callId, callEnd) {
      end = callEnd;
      if (!replaying) target.finished(callId, callEnd);
    },
  };

  function stop(): void {
    stopped = true;
    unlisten();
  }

  function patiently<T>(read: () => Promise<T>): Promise<T> {
    return readPatiently(read, () => stopped);
  }

  async function replay(): Promise<void> {
    const call = await patiently(deps.find);
    if (stopped) return;
    if (!call.sync) throw new InvalidError(`call ${callId} is durable: \`read\` its outputs, it is not watched`);
    if (call.live === null) {
      end = call.end;
    } else {
      call.listen(listener);
      unlisten = () => call.unlisten(listener);
      await call.committed();
    }
    for (let next = from.index; !stopped; ) {
      await deps.room();
      const page = await patiently(() => deps.reader.outputs(callId, next, PAGE));
      for (const { index, status, payload, attempts, containerId } of page) {
        if (!stopped) target.output(callId, [index, status, payload, attempts, containerId]);
      }
      const last = page.at(-1);
      if (!last) break;
      next = last.index + 1;
    }
    replaying = false;
    if (end && !stopped) target.finished(callId, end);
  }

  const replayed = replay().catch((error: unknown) => {
    if (stopped) return;
    stop();
    throw error;
  });
  return { stop, replayed };
}
