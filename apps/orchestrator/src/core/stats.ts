/** What the console and the API may ask of a function's memory. Reading changes nothing. */
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { CallState, ContainerState } from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import { reasonOf } from "./autoscale.ts";
import { receivedCount, shownCounts } from "./calls.ts";
import { deadlockOf } from "./deadlock.ts";
import { queuedCount } from "./queue.ts";
import { begunCount } from "./slots.ts";
import { degradedError } from "./start-failures.ts";
import type { FunctionCore } from "./state.ts";

export function statsOf(core: FunctionCore): FunctionStats {
  const { census, scaling } = core;
  return {
    queued: queuedCount(core) + core.delayed + core.tail + core.prefetched,
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
}

/** Undefined when the call is unknown or finished. */
export function callStatusOf(core: FunctionCore, callId: string): CallStatus | undefined {
  const call = core.calls.get(callId);
  if (!call?.opened) return undefined;
  const running: CallStatus["running"] = [];
  for (const { index, hold } of call.inputs.values()) {
    if (!hold?.begun) continue;
    running.push({ index, attempt: hold.attempt, containerId: hold.container.id, startedAtMs: hold.startedAtMs });
  }
  return { state: "running", counts: shownCounts(call), receivedCount: receivedCount(call), running };
}

/** The containers that exist, with the number of attempts each runs. */
export function containersOf(core: FunctionCore): { id: string; state: ContainerState; running: number }[] {
  return [...core.containers.values()].map(({ id, state, begun }) => ({ id, state, running: begun }));
}
