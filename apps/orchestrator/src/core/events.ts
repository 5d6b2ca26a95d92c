/**
 * The boundary of the core: what it is told, and what it asks for. One function's whole life is a sequence of events,
 * each at a time `nowMs`; the answer to each is a list of effects that the engine performs. Values are opaque here.
 */

import type { CallCounts } from "@bellows/protocol/client-frames";
import type { ErrorData } from "@bellows/protocol/errors";
import type { AttemptRef, InputItem, OfCall, OutputItem } from "@bellows/protocol/frame-parts";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import type { AttemptOutcome, CallKind, CallState, OutputStatus } from "@bellows/protocol/states";
import type { ScalingDecision } from "./autoscale.ts";
import type { GpuRoom } from "./gpu-state.ts";

/** One input that comes into the memory of the core, and what happened to it before as the facts say (0 for a new one). */
export interface ArrivedInput {
  index: number;
  value: Uint8Array;
  /** Attempts that failed by the user's code so far. */
  failedAttempts: number;
  /** Times it was given back by a container that was lost. */
  lostAttempts: number;
  /** The highest number of an attempt that is stored. The next one has a higher number, a failure up to it is known. */
  lastAttempt: number;
}

/** The input whose code made a call. */
export interface ParentInput {
  callId: string;
  index: number;
}

export type CoreEvent =
  /**
   * A call exists from now on, or one that had ended begins again (a retry of the whole call). `storedCount` inputs of
   * it are in Postgres and not in memory: the core asks for them with `load` as it needs them. `inputCount` is null
   * while more may come. `counts` are those of the call's row, which may be a little behind: they are shown until the
   * stored inputs have been counted.
   */
  | {
      type: "callOpened";
      callId: string;
      kind: CallKind;
      inputCount: number | null;
      storedCount: number;
      counts: CallCounts;
      parent: ParentInput | null;
    }
  /** Inputs handed over in memory, in order of index. Those of an async call are in Postgres already. */
  | { type: "inputsArrived"; callId: string; inputs: ArrivedInput[] }
  /** Inputs of an async call are stored; the core keeps only their number and loads them when their turn comes. */
  | { type: "inputsStored"; callId: string; count: number }
  /** Answer to `load`: the inputs without an output among `fromIndex`..`nextIndex - 1`, and how many had one already. */
  | { type: "inputsLoaded"; callId: string; inputs: ArrivedInput[]; nextIndex: number; finished: CallCounts }
  | { type: "callClosed"; callId: string; inputCount: number }
  | { type: "callCancelled"; callId: string; terminateContainers: boolean }
  /**
   * The driver was asked for a container (an effect of `startContainers`), or one was found again after a restart:
   * that one is `adopted`, and may hold inputs and outputs that nobody knows of before it has linked up.
   */
  | { type: "containerStarting"; containerId: string; deploymentId: string; adopted?: boolean }
  /** The container accepts inputs. `held` are attempts it holds already (adoption); they need not be known yet. */
  | { type: "containerReady"; containerId: string; slots: number; startMs: number; held: AttemptRef[] }
  /** Link cut: nothing can be sent to it, what it holds is still running. */
  | { type: "containerUnlinked"; containerId: string }
  | { type: "containerStartFailed"; containerId: string; error: ErrorData }
  /** The container is gone, whatever it held is lost. `error` is null for an asked-for end. */
  | { type: "containerGone"; containerId: string; error: ErrorData | null }
  /** Somebody asked for the end of this container: it gets nothing more and is drained when it is idle. */
  | { type: "containerStopAsked"; containerId: string; reason: string }
  | { type: "attemptsStarted"; containerId: string; attempts: AttemptRef[] }
  | { type: "attemptsReturned"; containerId: string; attempts: AttemptRef[] }
  | { type: "attemptsLost"; containerId: string; attempts: AttemptRef[]; error: ErrorData }
  /** Attempts ended. One that failed may be tried again; anything else is the input's output. */
  | { type: "attemptsEnded"; containerId: string; outputs: OfCall<OutputItem>[] }
  /** New code, or other settings of the same: containers of other deployments are replaced. */
  | { type: "deployed"; deploymentId: string; settings: FunctionSettings }
  /** The environment allows this many containers from now on. */
  | { type: "capChanged"; environmentCap: number }
  /** The GPUs of the host leave the function this from now on; null when it wants none. */
  | { type: "gpusChanged"; gpus: GpuRoom | null }
  /** So many containers that were asked for are not started after all: somebody else has got the GPUs. */
  | { type: "startsRefused"; count: number; deploymentId: string }
  /** The app is gone: no container is wanted any more, queued inputs are cancelled. */
  | { type: "stopped" }
  /** Recovery is over: containers found after a restart have linked up or are given up; recovered inputs may be sent. */
  | { type: "recovered" }
  /** Nothing happened but time. Sent at the time a `wake` asked for, and at least once a second while there is work or a container. */
  | { type: "tick" };

/** How one input ended, as it is stored and delivered. */
export interface InputOutput {
  callId: string;
  index: number;
  status: OutputStatus;
  /** Encoded value, or encoded ErrorData. */
  payload: Uint8Array;
  /**
   * Attempts charged to the user's code, the last included; 0 when it never began. Null when a container ended it before
   * it was known here (after a restart): the facts tell.
   */
  attempts: number | null;
  containerId: string | null;
  queuedAtMs: number;
  startedAtMs: number | null;
  finishedAtMs: number;
}

export type Effect =
  | { type: "run"; containerId: string; inputs: OfCall<InputItem>[] }
  | { type: "recall"; containerId: string; attempts: AttemptRef[] }
  | { type: "cancelAttempts"; containerId: string; attempts: AttemptRef[] }
  | { type: "startContainers"; count: number; deploymentId: string }
  /** The function wants GPUs for so many more containers than it can have now; 0 when for none. */
  | { type: "awaitGpus"; count: number }
  /** Ask the container to finish what began and exit. */
  | { type: "drain"; containerId: string; reason: string }
  /** End the container at once (a cancel with terminateContainers, a start that takes too long). */
  | { type: "kill"; containerId: string; reason: string }
  /** Store the output and deliver it; comes exactly once per input. */
  | { type: "output"; output: InputOutput }
  /** An attempt failed, or was lost with its container, and the input is tried again: store what became of it. */
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
  /** Read stored inputs from `fromIndex` on, at most `limit`; answer with `inputsLoaded`. */
  | { type: "load"; callId: string; fromIndex: number; limit: number }
  | {
      type: "callFinished";
      callId: string;
      state: Exclude<CallState, "running">;
      inputCount: number;
      counts: CallCounts;
      finishedAtMs: number;
    }
  /** The desired number of containers changed. */
  | { type: "decided"; decision: ScalingDecision }
  /** Send `tick` at this time. The last one asked for counts. */
  | { type: "wake"; atMs: number };
