/** What the console and the API may ask of a function's memory. Reading changes nothing. */
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { CallState, ContainerState } from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import { receivedCount, shownCounts } from "./calls.ts";
import { deadlockOf } from "./deadlock.ts";
import { queuedCount } from "./queue.ts";
import { reasonOf } from "./scaling-reason.ts";
import { begunCount } from "./slots.ts";
import { degradedError } from "./start-failures.ts";
import type { FunctionCore } from "./state.ts";

/** Inputs that have not begun, wherever they wait. */
export function waitingCount(core: FunctionCore): number {
  return queuedCount(core) + core.delayed + core.tail + core.prefetched;
}

export function statsOf(core: FunctionCore): FunctionStats {
  const { census, scaling } = core;
  return {
    queued: waitingCount(core),
    running: begunCount(core),
    containers: {
      starting: census.starting + core.requested,
      ready: census.ready + census.lost,
      draining: census.draining,
    },
    desiredContainers: scaling.last?.desired ?? 0,
    reason: scaling.last ? reasonOf(scaling.last) : "nothing has happened yet",
    degraded: degradedError(core.startFailures),
    deadlock: deadlockOf(core),
  };
}

export interface CallStatus {
  state: CallState;
  counts: CallCounts;
  receivedCount: number;
  running: { index: number; attempt: number; containerId: string; startedAtMs: number }[];
  /** Indexes in memory that have not begun, in no order. */
  waiting: number[];
  /** Every input below has its output, or runs, or waits in memory. */
  knownTo: number;
}

/** Undefined when the call is unknown or finished. */
export function callStatusOf(core: FunctionCore, callId: string): CallStatus | undefined {
  const call = core.calls.get(callId);
  if (!call?.opened) return undefined;
  const running: CallStatus["running"] = [];
  const waiting: number[] = [];
  for (const { index, hold, place } of call.inputs.values()) {
    if (hold?.begun) {
      running.push({ index, attempt: hold.attempt, containerId: hold.container.id, startedAtMs: hold.startedAtMs });
    } else if (place !== "ended") {
      waiting.push(index);
    }
  }
  const [counts, received] = [shownCounts(call), receivedCount(call)];
  return { state: "running", counts, receivedCount: received, running, waiting, knownTo: call.cursor };
}

/** The containers that exist, with the number of attempts each runs. */
export function containersOf(core: FunctionCore): { id: string; state: ContainerState; running: number }[] {
  return [...core.containers.values()].map(({ id, state, begun }) => ({ id, state, running: begun }));
}
