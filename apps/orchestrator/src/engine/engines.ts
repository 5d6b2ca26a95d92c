/**
 * The engines of this orchestrator, as the API and the links see them: one per function it owns, made when a
 * function is first needed. Both doors (tRPC and links) lead through here to the same engine.
 */
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { AssignedGpu } from "@bellows/protocol/gpus";
import type { EnvironmentLimits } from "@bellows/protocol/limits";
import type { CallKind, CallState, ContainerState, OutputStatus } from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import type { Principal } from "../catalog/principal.ts";
import type { MeterReading } from "../metering/function-meter.ts";
import type { GpusInUse } from "./gpu-desk.ts";

/** What memory knows of a container beyond its row. */
export interface LiveContainer {
  containerId: string;
  functionId: string;
  state: ContainerState;
  running: number;
  cpuPercent: number | null;
  memoryBytes: number | null;
  gpus: readonly AssignedGpu[];
}

/** An input that is being run now; one that is neither here nor in `outputs` is queued. */
export interface RunningInput {
  index: number;
  attempt: number;
  containerId: string;
  startedAtMs: number;
}

export interface LiveCall {
  state: CallState;
  counts: CallCounts;
  receivedCount: number;
  running: RunningInput[];
  /** Indexes in memory that have not begun, in no order. */
  waiting: number[];
  /** Every input below has its output, or runs, or waits in memory; of those from here on, the ones without output are queued. */
  knownTo: number;
}

export interface ContainerCode {
  /** The deployment that it was started for. */
  deploymentId: string;
  /** What it was told to run, and what it would be told now: a deploy may have come between the two. */
  bundleHashes: string[];
}

export interface FinishedInput {
  status: OutputStatus;
  payload: Uint8Array;
  attempts: number;
  containerId: string | null;
}

export interface Engines {
  /** Zeros when the function has no engine here. */
  stats(functionId: string): FunctionStats;
  /** What was counted of the function and is not stored yet; undefined when there is nothing. */
  reading(functionId: string): MeterReading | undefined;
  liveContainers(functionId: string): LiveContainer[];
  liveCall(functionId: string, callId: string): LiveCall | undefined;
  /**
   * Accepts a whole call at once (plain HTTP, the console). Resolves when it is stored. `by` makes it: a user, or a
   * container, whose function and token have rates.
   * @throws NotFoundError, ConflictError (the id exists), InvalidError (the function is not called like that),
   * LimitExceededError.
   */
  submit(call: {
    callId: string;
    functionId: string;
    kind: CallKind;
    values: Uint8Array[];
    idempotencyKey: string | null;
    by: Principal;
  }): Promise<{ callId: string }>;
  /**
   * Resolves with the stored output of one input, or undefined after `timeoutMs`, or when the call is over without it.
   * @throws NotFoundError, OutputExpiredError.
   */
  output(callId: string, index: number, timeoutMs: number): Promise<FinishedInput | undefined>;
  /** @throws NotFoundError, OutputExpiredError. Cancelling a finished call changes nothing. */
  cancelCall(callId: string, options: { terminateContainers: boolean }): Promise<void>;
  /**
   * Runs the inputs of a finished `spawn` or `spawnMap` again that failed or were cancelled. Resolves with their number
   * when that is stored; 0 when there are none, and then nothing changes.
   * @throws NotFoundError, OutputExpiredError, ConflictError (it is running, or its function is not deployed any more),
   * InvalidError (a sync call), LimitExceededError.
   */
  retryCall(callId: string): Promise<{ retried: number }>;
  /** Drains the container and replaces it if it is still wanted. @throws NotFoundError. */
  stopContainer(containerId: string): Promise<void>;
  /** The GPUs of the host, who has them and who waits for some. */
  gpus(): GpusInUse;
  /** The environment of a running container, to whose calls it is confined; undefined for one that is not known here. */
  environmentOf(containerId: string): string | undefined;
  /** The function of a running container, as `app/function`; undefined for one that is not known here. */
  functionOf(containerId: string): string | undefined;
  /** What a running container may be running; undefined for one that is not known here. */
  codeOf(containerId: string): ContainerCode | undefined;
  /** The catalog has a new deployment or other settings of these functions: both are taken from it at once. */
  deployed(functionIds: readonly string[]): Promise<void>;
  /** The app of these functions was stopped: their queues are cancelled, their containers end. */
  stopped(functionIds: readonly string[]): Promise<void>;
  /**
   * Does this with those of the functions that have no unfinished call and no container. Until it has ended, nothing of
   * them begins: a call waits, and then finds what has become of its function.
   */
  giveUp<T>(functionIds: readonly string[], archive: (idle: readonly string[]) => Promise<T>): Promise<T>;
  /** The limits of this environment are these from now on. The directory has forgotten the old ones before. */
  limitsChanged(environment: string, limits: EnvironmentLimits): void;
}
