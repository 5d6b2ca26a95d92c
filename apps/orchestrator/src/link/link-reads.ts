/**
 * The reads that one client link waits for. Each is answered once, with at most some mebibytes; answers are read from
 * Postgres one after the other and only while the client takes them, so a slow one costs its questions and no values.
 */
import type { ClientFrame, ServerFrame } from "@bellows/protocol/client-frames";
import { errorData, LimitExceededError } from "@bellows/protocol/errors";
import type { EngineRegistry } from "../engine/engine-registry.ts";
import type { OutputPage, Reading } from "../engine/reads.ts";
import type { FrameSocket } from "./frame-socket.ts";

/** Far above what a sane program waits for at a time. */
const READS_PER_LINK = 65_536;

export interface LinkReads {
  /** In place of an older one with the same number. */
  start(frame: Extract<ClientFrame, { type: "read" }>): void;
  stop(requestId: number): void;
  stopAll(): void;
}

export function linkReads(
  engines: Pick<EngineRegistry, "read">,
  link: Pick<FrameSocket<ServerFrame>, "send" | "isFull" | "room">,
  scope: string | null,
): LinkReads {
  const readings = new Map<number, Reading>();
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(read: () => Promise<T>): Promise<T> {
    const result = turn.then(() => link.room()).then(read);
    turn = result.catch(() => {});
    return result;
  }

  function start({ requestId, callId, fromIndex, limit }: Extract<ClientFrame, { type: "read" }>): void {
    stop(requestId);
    if (readings.size >= READS_PER_LINK) return failed(requestId, tooManyReads());
    const reading = engines.read({ callId, index: fromIndex, limit }, { inTurn, hasRoom: () => !link.isFull, scope });
    readings.set(requestId, reading);
    reading.page.then(
      (page) => page && take(requestId, reading) && answer(requestId, page),
      (error: unknown) => take(requestId, reading) && failed(requestId, error),
    );
  }

  /** Whether it is still waited for; it is not any more. */
  function take(requestId: number, reading: Reading): boolean {
    return readings.get(requestId) === reading && readings.delete(requestId);
  }

  function answer(requestId: number, { outputs, end }: OutputPage): void {
    const bytes = outputs.reduce((sum, [, , payload]) => sum + payload.byteLength, 0);
    link.send({ type: "page", requestId, outputs, end }, bytes);
  }

  function failed(requestId: number, error: unknown): void {
    link.send({ type: "readFailed", requestId, error: errorData(error) });
  }

  function stop(requestId: number): void {
    readings.get(requestId)?.stop();
    readings.delete(requestId);
  }

  return {
    start,
    stop,
    stopAll() {
      for (const requestId of [...readings.keys()]) stop(requestId);
    },
  };
}

function tooManyReads(): LimitExceededError {
  const max = READS_PER_LINK;
  return new LimitExceededError(
    `one link waits for at most ${max.toLocaleString("en")} reads; take the answers before asking for more`,
    { details: { limit: "readsPerLink", max, current: max, retryAfterMs: null } },
  );
}
