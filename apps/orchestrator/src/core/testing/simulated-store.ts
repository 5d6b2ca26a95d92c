/**
 * Postgres in a simulated world: inputs, and one output per input. What is written is visible a little later, and what
 * was not yet visible when the orchestrator crashes is gone.
 */
import type { CallCounts } from "@bellows/protocol/client-frames";
import { type CallKind, outputStatusName } from "@bellows/protocol/states";
import type { ArrivedInput, InputOutput } from "../events.ts";

export interface StoredCall {
  callId: string;
  kind: CallKind;
  storedCount: number;
  inputCount: number | null;
  outputs: Map<number, InputOutput>;
  failures: Map<number, number>;
  finished: boolean;
  cancelled: boolean;
}

export class Store {
  readonly calls = new Map<string, StoredCall>();

  open(callId: string, kind: CallKind): StoredCall {
    const call: StoredCall = {
      callId,
      kind,
      storedCount: 0,
      inputCount: null,
      outputs: new Map(),
      failures: new Map(),
      finished: false,
      cancelled: false,
    };
    this.calls.set(callId, call);
    return call;
  }

  get unfinished(): StoredCall[] {
    return [...this.calls.values()].filter((call) => !call.finished);
  }

  /** As `FactReader.inputsWithoutOutput` answers. */
  read(
    callId: string,
    fromIndex: number,
    limit: number,
  ): { inputs: ArrivedInput[]; nextIndex: number; finished: CallCounts } {
    const call = this.calls.get(callId);
    if (!call) throw new Error(`call ${callId} was never stored`);
    const nextIndex = Math.min(call.storedCount, fromIndex + limit);
    const finished: CallCounts = { succeeded: 0, failed: 0, cancelled: 0 };
    const inputs: ArrivedInput[] = [];
    for (let index = fromIndex; index < nextIndex; index++) {
      const output = call.outputs.get(index);
      if (output) finished[outputStatusName(output.status)] += 1;
      else
        inputs.push({
          index,
          value: VALUE,
          failedAttempts: call.failures.get(index) ?? 0,
          lostAttempts: 0,
          lastAttempt: call.failures.get(index) ?? 0,
        });
    }
    return { inputs, nextIndex, finished };
  }
}

export const VALUE = new Uint8Array([1]);
