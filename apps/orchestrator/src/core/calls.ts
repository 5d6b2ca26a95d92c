/**
 * The books of a call: how many inputs it has, how many ended and how. A call ends when it is closed and every input
 * has its output; an empty one at once. Each input is counted once, also when its output came before the input itself.
 */
import { LIMITS } from "@bellows/protocol/limits";
import { CALL_KINDS, type OutputStatus, outputStatusName } from "@bellows/protocol/states";
import type { CoreEvent, Effect } from "./events.ts";
import { emptyList } from "./linked-list.ts";
import type { Call, FunctionCore } from "./state.ts";

/** The call of this id; one that only containers have spoken of is made up until it is opened. */
export function callOf(core: FunctionCore, callId: string, nowMs: number): Call {
  const known = core.calls.get(callId);
  if (known) return known;
  const call = newCall(callId, nowMs);
  core.calls.set(callId, call);
  core.neverOpened.add(call);
  return call;
}

export function newCall(callId: string, nowMs: number): Call {
  return {
    callId,
    kind: "remote",
    queueClass: "sync",
    opened: false,
    inputs: new Map(),
    queued: emptyList(),
    inRound: false,
    counts: { succeeded: 0, failed: 0, cancelled: 0 },
    inputCount: null,
    cursor: 0,
    storedTo: 0,
    tailCounted: 0,
    loading: 0,
    loadAgainAtMs: 0,
    meanBytes: 0,
    ahead: [],
    endedEarly: new Map(),
    doom: null,
    cancelled: false,
    firstSeenMs: nowMs,
    prev: null,
    next: null,
  };
}

/** @returns the call, or undefined when it was open already. */
export function openCall(
  core: FunctionCore,
  event: Extract<CoreEvent, { type: "callOpened" }>,
  nowMs: number,
): Call | undefined {
  const call = core.calls.get(event.callId) ?? newCall(event.callId, nowMs);
  if (call.opened) return undefined;
  core.calls.set(event.callId, call);
  call.opened = true;
  core.neverOpened.delete(call);
  core.endedCalls.delete(call.callId);
  call.kind = event.kind;
  call.queueClass = CALL_KINDS[event.kind].queueClass;
  call.inputCount = event.inputCount;
  call.counts = { ...event.counts };
  call.cursor = event.loadFrom;
  call.storedTo = Math.max(event.loadFrom, event.storedCount);
  for (const index of call.endedEarly.keys()) if (index < call.cursor) call.endedEarly.delete(index);
  countTail(core, call);
  return call;
}

/** Inputs received so far: in memory, stored, or waiting for stored ones before them. */
export function receivedCount(call: Call): number {
  return Math.max(call.cursor, call.storedTo, (call.ahead.at(-1)?.index ?? -1) + 1);
}

export function countEnd(call: Call, status: OutputStatus): void {
  call.counts[outputStatusName(status)] += 1;
}

/** Keeps the number of inputs that are in Postgres only; those of a doomed call ask for no container. */
export function countTail(core: FunctionCore, call: Call): void {
  const tail = call.doom ? 0 : Math.max(0, call.storedTo - call.cursor);
  core.tail += tail - call.tailCounted;
  call.tailCounted = tail;
}

export function finishIfDone(core: FunctionCore, call: Call, nowMs: number, effects: Effect[]): void {
  if (!call.opened || call.inputCount === null || endedCount(call) < call.inputCount) return;
  forgetCall(core, call);
  rememberEnded(core, call.callId);
  effects.push({
    type: "callFinished",
    callId: call.callId,
    state: stateOf(call),
    inputCount: call.inputCount,
    counts: { ...call.counts },
    finishedAtMs: nowMs,
  });
}

/** Forgets calls that only containers have spoken of, that are held by none now, and that nobody has opened for long. */
export function forgetNeverOpened(core: FunctionCore, nowMs: number): void {
  for (const call of core.neverOpened) {
    if (nowMs - call.firstSeenMs < NEVER_OPENED_MS) continue;
    let held = false;
    for (const input of call.inputs.values()) held ||= input.hold !== null;
    if (!held) forgetCall(core, call);
  }
}

/** A caller that was cut off opens its call again within this time or never. */
const NEVER_OPENED_MS = 2 * LIMITS.vanishedCallerMs;
const ENDED_CALLS_REMEMBERED = 16_384;

function forgetCall(core: FunctionCore, call: Call): void {
  core.calls.delete(call.callId);
  core.neverOpened.delete(call);
  core.wantLoad.delete(call);
  core.wantLoadNow.delete(call);
  core.stalledLoads.delete(call);
  core.loadsAsked -= call.loading;
  core.tail -= call.tailCounted;
  call.tailCounted = 0;
}

function rememberEnded(core: FunctionCore, callId: string): void {
  const forgotten = core.endedRing[core.endedRingAt];
  if (forgotten !== undefined) core.endedCalls.delete(forgotten);
  core.endedRing[core.endedRingAt] = callId;
  core.endedRingAt = (core.endedRingAt + 1) % ENDED_CALLS_REMEMBERED;
  core.endedCalls.add(callId);
}

function endedCount({ counts }: Call): number {
  return counts.succeeded + counts.failed + counts.cancelled;
}

/** A call whose cancellation was interrupted by a restart is known by its cancelled inputs. */
function stateOf(call: Call): "succeeded" | "failed" | "cancelled" {
  if (call.cancelled || call.counts.cancelled > 0) return "cancelled";
  return call.counts.failed > 0 ? "failed" : "succeeded";
}
