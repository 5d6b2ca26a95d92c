/**
 * Postgres in a simulated world: inputs, one output per input, and the attempts that did not end their input. What is
 * written is visible a little later, and what was not yet visible when the orchestrator crashes is gone.
 */
import type { CallCounts } from "@bellows/protocol/client-frames";
import { type AttemptOutcome, type CallKind, OUTPUT_STATUS, outputStatusName } from "@bellows/protocol/states";
import type { ArrivedInput, InputOutput, ParentInput } from "../events.ts";

export interface StoredCall {
  callId: string;
  kind: CallKind;
  parent: ParentInput | null;
  storedCount: number;
  inputCount: number | null;
  outputs: Map<number, InputOutput>;
  attempts: Map<number, { attempt: number; outcome: AttemptOutcome }[]>;
  finished: boolean;
  cancelled: boolean;
}

export class Store {
  readonly calls = new Map<string, StoredCall>();

  open(callId: string, kind: CallKind, parent: ParentInput | null): StoredCall {
    const call: StoredCall = {
      callId,
      kind,
      parent,
      storedCount: 0,
      inputCount: null,
      outputs: new Map(),
      attempts: new Map(),
      finished: false,
      cancelled: false,
    };
    this.calls.set(callId, call);
    return call;
  }

  get unfinished(): StoredCall[] {
    return [...this.calls.values()].filter((call) => !call.finished);
  }

  /** Those that `retry` may begin again. */
  get retryable(): StoredCall[] {
    return [...this.calls.values()].filter(
      ({ finished, kind, outputs }) =>
        finished &&
        (kind === "spawn" || kind === "spawnMap") &&
        [...outputs.values()].some(({ status }) => status !== OUTPUT_STATUS.succeeded),
    );
  }

  addAttempt(callId: string, index: number, attempt: number, outcome: AttemptOutcome): void {
    const { attempts } = this.#get(callId);
    attempts.set(index, [...(attempts.get(index) ?? []), { attempt, outcome }]);
  }

  /** As the fact `callRetried` does; returns the inputs that run again. */
  retry(call: StoredCall): number[] {
    const again: number[] = [];
    for (const [index, { status }] of call.outputs) {
      if (status === OUTPUT_STATUS.succeeded) continue;
      again.push(index);
      call.outputs.delete(index);
      const before = call.attempts.get(index) ?? [];
      const all = [...before, { attempt: lastOf(before) + 1, outcome: "retried" as const }];
      call.attempts.set(
        index,
        all.map(({ attempt }) => ({ attempt, outcome: "retried" })),
      );
    }
    call.finished = false;
    call.cancelled = false;
    return again;
  }

  lastAttempt(callId: string, index: number): number {
    return lastOf(this.#get(callId).attempts.get(index) ?? []);
  }

  counts({ outputs }: StoredCall): CallCounts {
    const counts: CallCounts = { succeeded: 0, failed: 0, cancelled: 0 };
    for (const { status } of outputs.values()) counts[outputStatusName(status)] += 1;
    return counts;
  }

  /** As `FactReader.inputsWithoutOutput` answers. */
  read(
    callId: string,
    fromIndex: number,
    limit: number,
  ): { inputs: ArrivedInput[]; nextIndex: number; finished: CallCounts } {
    const call = this.#get(callId);
    const nextIndex = Math.min(call.storedCount, fromIndex + limit);
    const finished: CallCounts = { succeeded: 0, failed: 0, cancelled: 0 };
    const inputs: ArrivedInput[] = [];
    for (let index = fromIndex; index < nextIndex; index++) {
      const output = call.outputs.get(index);
      if (output) finished[outputStatusName(output.status)] += 1;
      else inputs.push(this.#input(call, index));
    }
    return { inputs, nextIndex, finished };
  }

  #input(call: StoredCall, index: number): ArrivedInput {
    const attempts = call.attempts.get(index) ?? [];
    const count = (wanted: AttemptOutcome) => attempts.filter(({ outcome }) => outcome === wanted).length;
    const lastAttempt = lastOf(attempts);
    return { index, value: VALUE, failedAttempts: count("failed"), lostAttempts: count("lost"), lastAttempt };
  }

  #get(callId: string): StoredCall {
    const call = this.calls.get(callId);
    if (!call) throw new Error(`call ${callId} was never stored`);
    return call;
  }
}

export const VALUE = new Uint8Array([1]);

function lastOf(attempts: readonly { attempt: number }[]): number {
  return attempts.reduce((last, { attempt }) => Math.max(last, attempt), 0);
}
