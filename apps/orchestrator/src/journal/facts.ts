/**
 * The facts: what the journal stores, grouped into one transaction per flush, in the order in which they were appended.
 * Everything else about a call lives in memory and can be rebuilt from these.
 */
import type { StartTimings } from "@bellows/protocol/agent-frames";
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { ErrorData } from "@bellows/protocol/errors";
import type { AttemptOutcome, CallKind, CallState, ContainerState, OutputStatus } from "@bellows/protocol/states";
import type { MeterReading } from "../metering/function-meter.ts";

export type Fact =
  | {
      type: "callOpened";
      callId: string;
      functionId: string;
      environmentId: string;
      kind: CallKind;
      idempotencyKey: string | null;
      inputCount: number | null;
      /** The input whose code made the call. */
      parent: { callId: string; index: number } | null;
    }
  /** At most `LIMITS.inputsPerChunk` inputs in index order. Storing a chunk again changes nothing. */
  | { type: "inputs"; callId: string; firstIndex: number; values: readonly Uint8Array[] }
  | { type: "callClosed"; callId: string; inputCount: number }
  | {
      type: "output";
      callId: string;
      index: number;
      status: OutputStatus;
      payload: Uint8Array;
      /** Null: one more than the failed ones that are stored. */
      attempts: number | null;
      containerId: string | null;
      queuedAtMs: number;
      startedAtMs: number | null;
      finishedAtMs: number;
    }
  /** An attempt that did not end its input: it failed and another follows, or it was lost with its container. */
  | {
      type: "attemptFailed";
      callId: string;
      index: number;
      attempt: number;
      containerId: string;
      startedAtMs: number | null;
      finishedAtMs: number;
      error: Uint8Array;
      outcome: Exclude<AttemptOutcome, "retried">;
    }
  /** The end of the call was asked for; it holds over restarts, until the call is finished. */
  | { type: "callCancelAsked"; callId: string; atMs: number }
  /**
   * A finished call begins again with the inputs that failed or were cancelled: their outputs become attempts that count
   * for nothing, and the call is running. Of a call that is running it changes nothing.
   */
  | { type: "callRetried"; callId: string }
  /** Counts so far; about once a second for a running call. */
  | { type: "callProgress"; callId: string; counts: CallCounts }
  | { type: "callFinished"; callId: string; state: CallState; counts: CallCounts; finishedAtMs: number }
  | {
      type: "containerMoved";
      containerId: string;
      functionId: string;
      deploymentId: string;
      driver: string;
      state: ContainerState;
      atMs: number;
      slots: number | null;
      timings: ({ createMs: number } & StartTimings) | null;
      reason: string | null;
      error: ErrorData | null;
    }
  | {
      type: "decision";
      functionId: string;
      atMs: number;
      desired: number;
      current: number;
      queued: number;
      running: number;
      cappedBy: string | null;
      reason: string;
    }
  /** What the function did in ten seconds. */
  | ({ type: "functionStats"; functionId: string } & MeterReading)
  | {
      type: "log";
      functionId: string;
      containerId: string;
      atMs: number;
      stream: "stdout" | "stderr" | "system";
      callId: string | null;
      index: number | null;
      text: string;
    };

/**
 * The one writer. `append` never blocks; `committed` is called after the transaction that holds the fact has
 * committed, in the order of appending. While Postgres is away facts wait and are written when it is back.
 *
 * A fact that Postgres can never take calls `rejected` instead, and with it go the later facts of its call that have a
 * `rejected` of their own, or all of them when the call could not be opened; one without a `rejected` is given up and
 * counts as committed, for who handed it in would offer it for ever.
 */
export interface Journal {
  /** `functionId` and `epoch` are of the owner that appends: a flush checks that the epoch is still the current one. */
  append(owner: OwnerEpoch, fact: Fact, committed?: () => void, rejected?: (error: unknown) => void): void;
  /** Called once everything appended before has been committed; at once when nothing is pending. */
  barrier(committed: () => void): void;
  /** Bytes that wait to be written, values and a little for each fact; the links stop reading from clients while it is high. */
  readonly pendingBytes: number;
  start(): void;
  /** Writes what is pending and stops. */
  stop(): Promise<void>;
}

export interface OwnerEpoch {
  functionId: string;
  epoch: number;
}

/** Facts out. */
export interface UnfinishedCall {
  callId: string;
  kind: CallKind;
  inputCount: number | null;
  /** One past the highest stored index. */
  storedCount: number;
  /** As stored: those of a running call are about a second old, or as old as the last orchestrator. */
  counts: CallCounts;
  cancelAsked: boolean;
  parent: { callId: string; index: number } | null;
}

export interface StoredInput {
  index: number;
  value: Uint8Array;
  /** Attempts charged to the user's code. */
  failedAttempts: number;
  /** Attempts that went with their container. */
  lostAttempts: number;
  /** The highest number of an attempt that is stored; 0 when there is none. */
  lastAttempt: number;
}

export interface StoredOutput {
  index: number;
  status: OutputStatus;
  payload: Uint8Array;
  attempts: number;
  containerId: string | null;
}

/** Whose container it is. */
export interface ContainerOwner {
  functionId: string;
  deploymentId: string;
}

export interface FactReader {
  /** Oldest first. */
  unfinishedCalls(functionId: string): Promise<UnfinishedCall[]>;
  /** Any call, finished or not; undefined when unknown or expired. */
  call(callId: string): Promise<(UnfinishedCall & { functionId: string; state: CallState }) | undefined>;
  callByIdempotencyKey(functionId: string, key: string): Promise<string | undefined>;
  /** The stored inputs without an output in chunks from `fromIndex` on, about `limit` of them; `nextIndex` is where to read on. */
  inputsWithoutOutput(
    callId: string,
    fromIndex: number,
    limit: number,
  ): Promise<{ inputs: StoredInput[]; nextIndex: number; finished: CallCounts }>;
  /**
   * Outputs by index, from `fromIndex` on: at most `limit`, and fewer when their payloads are large. Only an empty
   * answer says that there are no more.
   */
  outputs(callId: string, fromIndex: number, limit: number): Promise<StoredOutput[]>;
  /** Of those among these that had a function and were not gone. */
  containerOwners(containerIds: readonly string[]): Promise<Map<string, ContainerOwner>>;
}
