/**
 * What goes out to one client: outputs and values as they come, while it takes them. What a full link cannot take is not
 * kept here: outputs are in Postgres and values in their containers, from where they are fetched when there is room.
 * Kept true: the end of a call goes out after all that it covers, and values of a generator without a gap.
 */
import type { ServerFrame } from "@bellows/protocol/client-frames";
import type { CallEnd, CallListener, DeliveredOutput } from "../engine/call-listener.ts";
import { readPatiently } from "../engine/read-patiently.ts";
import type { FactReader, StoredOutput } from "../journal/facts.ts";
import type { FrameSocket } from "./frame-socket.ts";
import type { LiveLogLine } from "./log-hub.ts";

const PAGE = 512;
/**
 * Of so many generators it is known which value comes next. Values of a call that is over may still be fetched, and
 * nobody says when that is done, so the ones heard of longest ago are forgotten.
 */
const STREAMS_REMEMBERED = 4_096;

interface Options {
  link: Pick<FrameSocket<ServerFrame>, "send" | "last" | "grew" | "isFull" | "room">;
  reader: Pick<FactReader, "outputs">;
  /** Resolves when everything that was said so far can be read. */
  committed: () => Promise<void>;
  resendYields: (callId: string) => void;
  /** A call has said its last. */
  over: (callId: string) => void;
  /** What was passed over cannot be fetched: the client has to come back and ask for it. */
  failed: (error: unknown) => void;
}

export interface Outgoing extends CallListener {
  /** The next value of a generator that the client has not got. */
  expects(callId: string, seq: number): void;
  logs(appId: string, lines: LiveLogLine[]): void;
  /** The link is gone. */
  stop(): void;
}

export function outgoing({ link, reader, committed, resendYields, over, failed }: Options): Outgoing {
  /** Indexes of outputs that were passed over, by call. */
  const missed = new Map<string, Set<number>>();
  const ends = new Map<string, CallEnd>();
  /** The number of the next value, by generator, as far as its stream has been heard of here. */
  const nextSeq = new Map<string, number>();
  const missedYields = new Set<string>();
  let linesLeftOut = 0;
  let catchingUp = false;
  let stopped = false;

  function sendOutput(callId: string, output: DeliveredOutput): void {
    const last = link.last();
    const { byteLength } = output[2];
    if (last?.type === "outputs" && last.callId === callId) {
      last.outputs.push(output);
      link.grew(byteLength);
    } else {
      link.send({ type: "outputs", callId, outputs: [output] }, byteLength);
    }
  }

  function expects(callId: string, seq: number): void {
    nextSeq.delete(callId);
    nextSeq.set(callId, seq);
    if (nextSeq.size <= STREAMS_REMEMBERED) return;
    for (const oldest of nextSeq.keys()) {
      nextSeq.delete(oldest);
      break;
    }
  }

  function sendEnd(callId: string, end: CallEnd): void {
    nextSeq.delete(callId);
    link.send({ type: "finished", callId, ...end });
    over(callId);
  }

  function startCatchingUp(): void {
    if (catchingUp || stopped) return;
    catchingUp = true;
    catchUp()
      .catch((error: unknown) => {
        if (!stopped) failed(error);
      })
      .finally(() => {
        catchingUp = false;
      });
  }

  async function catchUp(): Promise<void> {
    while (!stopped && missed.size + missedYields.size > 0) {
      await link.room();
      for (const callId of missedYields) {
        missedYields.delete(callId);
        resendYields(callId);
      }
      const [entry] = missed;
      if (entry) await fetchMissed(...entry);
    }
  }

  async function fetchMissed(callId: string, indexes: Set<number>): Promise<void> {
    await committed();
    const from = Math.min(...[...indexes].slice(0, PAGE));
    const read = (): Promise<StoredOutput[]> => reader.outputs(callId, from, PAGE);
    const page = await readPatiently(read, () => stopped);
    for (const { index, status, payload, attempts, containerId } of page) {
      if (indexes.delete(index) && !stopped) sendOutput(callId, [index, status, payload, attempts, containerId]);
    }
    // What is not stored after the commit has expired meanwhile.
    indexes.delete(from);
    if (indexes.size > 0 || stopped) return;
    missed.delete(callId);
    const end = ends.get(callId);
    ends.delete(callId);
    if (end) sendEnd(callId, end);
  }

  return {
    output(callId, output) {
      if (!link.isFull) return sendOutput(callId, output);
      missed.set(callId, (missed.get(callId) ?? new Set()).add(output[0]));
      startCatchingUp();
    },
    finished(callId, end) {
      if (missed.has(callId)) ends.set(callId, end);
      else sendEnd(callId, end);
    },
    yielded(callId, firstSeq, values) {
      const next = nextSeq.get(callId) ?? firstSeq;
      // Those before it were passed over, and come again with it.
      if (firstSeq > next || missedYields.has(callId)) return;
      if (link.isFull) {
        expects(callId, next);
        missedYields.add(callId);
        return startCatchingUp();
      }
      expects(callId, Math.max(next, firstSeq + values.length));
      const bytes = values.reduce((sum, value) => sum + value.byteLength, 0);
      link.send({ type: "yields", callId, firstSeq, values: [...values] }, bytes);
    },
    expects,
    logs(appId, lines) {
      const [first] = lines;
      if (link.isFull || !first) {
        linesLeftOut += lines.length;
        return;
      }
      if (linesLeftOut > 0) {
        const [name, atMs, , , , containerId] = first;
        const text = `${linesLeftOut} lines came faster than they were read here; \`bellows logs\` has them`;
        link.send({ type: "logs", appId, lines: [[name, atMs, "system", null, null, containerId, text]] });
        linesLeftOut = 0;
      }
      link.send({ type: "logs", appId, lines });
    },
    stop() {
      stopped = true;
      missed.clear();
      missedYields.clear();
    },
  };
}
