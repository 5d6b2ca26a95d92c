/**
 * The memory of a fake orchestrator that stores calls: it answers reads with what `run` made of the inputs, in pages,
 * and streams what generators yield, no further than is taken. It outlives every link, so a test may cut where it wants.
 */
import type { ServerFrame } from "@bellows/protocol/client-frames";
import { errorData, remoteErrorData } from "@bellows/protocol/errors";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue, encodeValue } from "@bellows/protocol/values";
import type { Behaviour, FrameOf, OutputTuple } from "./fake-orchestrator.ts";
import { closed, succeeded } from "./fake-orchestrator.ts";

interface DurableCall {
  kind: string;
  outputs: OutputTuple[];
  /** How many there will be. */
  closedAt: number | undefined;
  yields: Uint8Array[];
  sentYields: number;
}

type Send = (...frames: ServerFrame[]) => void;

export interface DurableOptions {
  run?: (...args: never[]) => unknown;
  /** Outputs of one page. */
  pageOutputs?: number;
  /** Values that a generator may be ahead of what is taken. */
  window?: number;
}

export function durableCalls({ run = (n: unknown) => n, pageOutputs = 512, window = 4 }: DurableOptions = {}) {
  const calls = new Map<string, DurableCall>();
  const reads = new Map<number, { frame: FrameOf<"read">; send: Send }>();

  function outcome(index: number, args: unknown): OutputTuple {
    try {
      return succeeded(index, run(...(args as never[])));
    } catch (error) {
      return [index, OUTPUT_STATUS.failed, encodeValue(remoteErrorData(error)), 1, null];
    }
  }

  function answerReads(): void {
    for (const [requestId, { frame, send }] of reads) {
      const call = calls.get(frame.callId);
      if (!call) continue;
      const limit = Math.min(frame.limit, pageOutputs);
      const outputs = call.outputs.slice(frame.fromIndex, frame.fromIndex + limit);
      const over = call.closedAt === call.outputs.length;
      if (outputs.length === 0 && !over) continue;
      reads.delete(requestId);
      const counts = { succeeded: call.outputs.length, failed: 0, cancelled: 0 };
      const end = over ? { state: "succeeded" as const, inputCount: call.outputs.length, counts } : null;
      send({ type: "page", requestId, outputs, end });
    }
  }

  function stream(callId: string, call: DurableCall, upTo: number, send: Send): void {
    const values = call.yields.slice(call.sentYields, upTo);
    if (values.length > 0) send({ type: "yields", callId, firstSeq: call.sentYields, values });
    call.sentYields += values.length;
    if (call.sentYields === call.yields.length) {
      send({ type: "outputs", callId, outputs: [succeeded(0, call.yields.length)] });
    }
  }

  const behaviour: Behaviour = (frame, send) => {
    if (frame.type === "read") {
      reads.set(frame.requestId, { frame, send });
      return answerReads();
    }
    if (frame.type === "unread") return void reads.delete(frame.requestId);
    if (!("callId" in frame)) return;
    const { callId } = frame;
    if (frame.type === "open") {
      if (!calls.has(callId)) {
        calls.set(callId, { kind: frame.kind, outputs: [], closedAt: undefined, yields: [], sentYields: 0 });
      }
      return send({ type: "opened", callId, existingCallId: callId });
    }
    const call = calls.get(callId);
    if (!call) {
      const error = errorData(new Error(`${frame.type} of a call that was not opened`));
      return send({ type: "refused", callId, error });
    }
    if (frame.type === "inputs") {
      const isGenerator = call.kind === "remoteGen";
      for (const [at, value] of frame.values.entries()) {
        const index = frame.firstIndex + at;
        if (isGenerator)
          call.yields = [...(run(...(decodeValue(value) as never[])) as Iterable<unknown>)].map(encodeValue);
        else if (index === call.outputs.length) call.outputs.push(outcome(index, decodeValue(value)));
      }
      send({ type: "stored", callId, firstIndex: frame.firstIndex, count: frame.values.length });
      if (isGenerator) stream(callId, call, window, send);
    }
    if (frame.type === "take") {
      if (frame.resend) call.sentYields = frame.received;
      stream(callId, call, frame.received + window, send);
    }
    if (frame.type === "close") {
      call.closedAt = frame.inputCount;
      send(closed(frame));
    }
    answerReads();
  };

  return { behaviour, calls };
}
