/**
 * The books of a call: how many inputs it has, how many ended and how. A call ends when it is closed and every input
 * has its output; an empty one at once. Each input is counted once, also when its output came before the input itself.
 */
import type { CallCounts } from "@bellows/protocol/client-frames";
import { inputIdOf } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { CALL_KINDS, type OutputStatus, outputStatusName } from "@bellows/protocol/states";
import type { CoreEvent, Effect } from "./events.ts";
import { emptyList } from "./linked-list.ts";
import { forgetLoads } from "./loading.ts";
import { countInClass } from "./slots.ts";
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
    countsStored: { succeeded: 0, failed: 0, cancelled: 0 },
    inputCount: null,
    cursor: 0,
    storedTo: 0,
    tailCounted: 0,
    loading: 0,
    loadAgainAtMs: 0,
    meanBytes: 0,
    ahead: [],
    endedEarly: null,
    doom: null,
    cancelled: false,
    parent: null,
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
  call.countsStored = { ...event.counts };
  call.storedTo = event.storedCount;
  call.parent = event.parent;
  for (const { hold } of call.inputs.values()) if (hold) countInClass(core, hold, call.queueClass);
  countTail(core, call);
  countChild(core, call, 1);
  return call;
}

/** Inputs received so far: in memory, stored, or waiting for stored ones before them. */
export function receivedCount(call: Call): number {
  return Math.max(call.cursor, call.storedTo, (call.ahead.at(-1)?.index ?? -1) + 1);
}

export function countEnd(call: Call, status: OutputStatus): void {
  call.counts[outputStatusName(status)] += 1;
}

/** Never lower than what its row said, although stored inputs are counted only as they are loaded. */
export function shownCounts({ counts, countsStored }: Call): CallCounts {
  return {
    succeeded: Math.max(counts.succeeded, countsStored.succeeded),
    failed: Math.max(counts.failed, countsStored.failed),
    cancelled: Math.max(counts.cancelled, countsStored.cancelled),
  };
}

/** Keeps the number of inputs that are in Postgres only; those of a doomed call ask for no container. */
export function countTail(core: FunctionCore, call: Call): void {
  const tail = call.doom ? 0 : tailOf(call);
  core.tail += tail - call.tailCounted;
  call.tailCounted = tail;
}

/** Inputs in Postgres only that have no output yet, as far as is known. */
function tailOf(call: Call): number {
  const { counts, countsStored, storedTo, cursor } = call;
  const uncounted = sumOf(countsStored) - sumOf(counts);
  return Math.max(0, storedTo - cursor - Math.max(0, uncounted));
}

export function finishIfDone(core: FunctionCore, call: Call, nowMs: number, effects: Effect[]): void {
  if (!call.opened || call.inputCount === null || sumOf(call.counts) < call.inputCount) return;
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
  forgetLoads(core, call);
  core.tail -= call.tailCounted;
  call.tailCounted = 0;
  countChild(core, call, -1);
}

/** Keeps how many unfinished calls of this function an input has made. */
function countChild(core: FunctionCore, call: Call, change: 1 | -1): void {
  if (!call.parent) return;
  const parentId = inputIdOf(call.parent.callId, call.parent.index);
  const count = (core.children.get(parentId) ?? 0) + change;
  if (count > 0) core.children.set(parentId, count);
  else core.children.delete(parentId);
}

function rememberEnded(core: FunctionCore, callId: string): void {
  const forgotten = core.endedRing[core.endedRingAt];
  // One that was retried and ended again has a younger place.
  if (forgotten !== undefined && core.endedCalls.get(forgotten) === core.endedRingAt) core.endedCalls.delete(forgotten);
  core.endedRing[core.endedRingAt] = callId;
  core.endedCalls.set(callId, core.endedRingAt);
  core.endedRingAt = (core.endedRingAt + 1) % ENDED_CALLS_REMEMBERED;
}

function sumOf(counts: CallCounts): number {
  return counts.succeeded + counts.failed + counts.cancelled;
}

/** A call whose cancellation was interrupted by a restart is known by its cancelled inputs. */
function stateOf(call: Call): "succeeded" | "failed" | "cancelled" {
  if (call.cancelled || call.counts.cancelled > 0) return "cancelled";
  return call.counts.failed > 0 ? "failed" : "succeeded";
}
