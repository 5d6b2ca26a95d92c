/** Who waits for the outputs of a call: a client's link, or a request at the API. */
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { CallState, OutputStatus } from "@bellows/protocol/states";

/** Index, status, payload, attempts, container: the form in which an output travels to a client. */
export type DeliveredOutput = [
  index: number,
  status: OutputStatus,
  payload: Uint8Array,
  attempts: number,
  containerId: string | null,
];

export interface CallEnd {
  state: CallState;
  inputCount: number;
  counts: CallCounts;
}

export interface CallListener {
  output(callId: string, output: DeliveredOutput): void;
  /** Values of a generator: number `firstSeq`, `firstSeq + 1`, ...; they may come again. */
  yielded(callId: string, firstSeq: number, values: readonly Uint8Array[]): void;
  finished(callId: string, end: CallEnd): void;
}
