/**
 * Reading the outputs of a call in order: an answer waits until the output that was asked for is stored, or the call is
 * over. Only stored outputs are shown, so what was seen once never changes, whatever crashes. A reader that is not
 * served any more costs one listener.
 */
import type { FactReader, StoredOutput } from "../journal/facts.ts";
import type { OutputWaiter } from "./call-audience.ts";
import type { CallEnd, CallListener, DeliveredOutput } from "./call-listener.ts";
import type { LiveCallEntry } from "./call-table.ts";
import { readPatiently } from "./read-patiently.ts";

/** A call where it is now: running here, or over. */
export type FoundCall =
  | {
      sync: boolean;
      live: LiveCallEntry;
      listen(listener: CallListener): void;
      unlisten(listener: CallListener): void;
      /** Waits for one output, until the returned function is called. */
      await(index: number, waiter: OutputWaiter): () => void;
      /** Resolves when everything that was appended so far can be read. */
      committed(): Promise<void>;
    }
  | { sync: boolean; live: null; end: CallEnd };

export interface OutputPage {
  /** Without a gap, from the index that was asked for. */
  outputs: DeliveredOutput[];
  /** Set when the call is over. */
  end: CallEnd | null;
}

export interface ReadDeps {
  /** @throws NotFoundError, OutputExpiredError. */
  find: () => Promise<FoundCall>;
  reader: Pick<FactReader, "outputs">;
  /** Runs a read whose answer takes memory when its turn has come; one that is heard of meanwhile is not kept. */
  inTurn?: (<T>(read: () => Promise<T>) => Promise<T>) | undefined;
  /** Whether an output that has just come can be passed on at once. */
  hasRoom?: (() => boolean) | undefined;
  /** The answer is not waited for any longer than this. */
  timeUp?: Promise<void> | undefined;
}

export interface Reading {
  /** Undefined when it was stopped, or its time was up. Rejects when the call cannot be read. */
  readonly page: Promise<OutputPage | undefined>;
  /** Safe twice. */
  stop(): void;
}

export function readOutputs(from: { callId: string; index: number; limit: number }, deps: ReadDeps): Reading {
  const { callId, index, limit } = from;
  const { find, reader, inTurn = (read) => read(), hasRoom = () => true } = deps;
  let isStopped = false;
  let stop = (): void => {};
  const stopped = new Promise<"stopped">((resolve) => {
    stop = () => {
      isStopped = true;
      resolve("stopped");
    };
  });
  const givenUp = (): boolean => isStopped;
  const timeUp = deps.timeUp?.then(() => "stopped" as const);

  /** Undefined for none. What is there already is not made to wait for what is on its way into Postgres. */
  async function storedNow(): Promise<DeliveredOutput[] | undefined> {
    const outputs = await stored();
    return outputs.length > 0 ? outputs : undefined;
  }

  async function stored(): Promise<DeliveredOutput[]> {
    const rows = await inTurn(() => (isStopped ? Promise.resolve([]) : readPatiently(readRows, givenUp)));
    return withoutGap(rows, index);
  }
  function readRows(): Promise<StoredOutput[]> {
    return reader.outputs(callId, index, limit);
  }

  async function page(): Promise<OutputPage | undefined> {
    while (!isStopped) {
      const call = await readPatiently(find, givenUp);
      if (call.live === null) return { outputs: await stored(), end: call.end };
      const next = hearOf(call, index);
      try {
        // Of a call that began here and has no output yet, nothing can be stored: the common read costs no query.
        if (!call.live.fresh || call.live.ended > 0) {
          const outputs = (await storedNow()) ?? (await call.committed().then(storedNow));
          if (outputs) return { outputs, end: null };
        }
        const heard = await Promise.race([next.heard, stopped, ...(timeUp ? [timeUp] : [])]);
        if (heard === "stopped") return undefined;
        // The end says nothing of outputs that came before this began to listen: look again at what is stored.
        if (heard !== "over" && hasRoom()) return { outputs: [heard], end: null };
      } finally {
        next.stop();
      }
    }
    return undefined;
  }

  return { page: page(), stop };
}

/** The output of this index as soon as it is stored, or that the call is over. */
function hearOf(call: Exclude<FoundCall, { live: null }>, index: number) {
  let hear: (what: DeliveredOutput | "over") => void = () => {};
  const heard = new Promise<DeliveredOutput | "over">((resolve) => {
    hear = resolve;
  });
  const { sync } = call.live;
  const stop = call.await(index, {
    output(output) {
      if (!sync) return hear(output);
      // A sync call's output is told before it is stored.
      call.committed().then(
        () => hear(output),
        () => hear("over"),
      );
    },
    finished: () => hear("over"),
  });
  return { heard, stop };
}

function withoutGap(rows: readonly StoredOutput[], index: number): DeliveredOutput[] {
  const outputs: DeliveredOutput[] = [];
  for (const row of rows) {
    if (row.index !== index + outputs.length) break;
    outputs.push([row.index, row.status, row.payload, row.attempts, row.containerId]);
  }
  return outputs;
}
