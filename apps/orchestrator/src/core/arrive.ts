/**
 * How inputs come into memory: from a client, or loaded from Postgres. An input that a container has already spoken
 * of (it holds it, or has ended it) is joined with what was said, so it does not run a second time.
 */
import { noteArrival } from "./arrivals.ts";
import { countEnd, countTail, finishIfDone } from "./calls.ts";
import type { ArrivedInput, CoreEvent, Effect } from "./events.ts";
import { endUnaccounted, noteMayHaveBegun } from "./generators.ts";
import { loadAnswered, mayStayInMemory, wantLoad } from "./loading.ts";
import { emitOutput, endInput, judge, neverRan } from "./outcome.ts";
import { enqueue, queuedCount } from "./queue.ts";
import { runsAtMostOnce } from "./retry.ts";
import { begunCount } from "./slots.ts";
import type { Call, FunctionCore, Input } from "./state.ts";

/** Inputs handed over in memory. Those that are known already change nothing. */
export function arrive(
  core: FunctionCore,
  call: Call,
  inputs: readonly ArrivedInput[],
  nowMs: number,
  effects: Effect[],
): void {
  const loadLater = call.queueClass === "async" && !mayStayInMemory(core);
  if (call.cursor < call.storedTo || loadLater) return arriveAhead(core, call, inputs);
  if (call.queueClass === "async") measureBytes(call, inputs);
  takeIn(core, call, inputs, nowMs, effects);
}

/**
 * Stored inputs before these are not loaded yet, or memory is full. Async inputs are stored too and will be loaded in their turn; sync
 * ones wait here, because they may not be.
 */
function arriveAhead(core: FunctionCore, call: Call, inputs: readonly ArrivedInput[]): void {
  if (call.queueClass === "sync") {
    for (const input of inputs) call.ahead.push(input);
    return;
  }
  const last = inputs.at(-1);
  if (last) stored(core, call, last.index + 1);
}

/** Inputs below `storedTo` are in Postgres: they are loaded when their turn comes. */
export function stored(core: FunctionCore, call: Call, storedTo: number): void {
  call.storedTo = Math.max(call.storedTo, storedTo);
  countTail(core, call);
  wantLoad(core, call);
}

/** The answer to a `load`. */
export function loaded(
  core: FunctionCore,
  call: Call,
  event: Extract<CoreEvent, { type: "inputsLoaded" }>,
  nowMs: number,
  effects: Effect[],
): void {
  if (call.loading === 0) return;
  loadAnswered(core, call, event.nextIndex, nowMs);
  measureBytes(call, event.inputs);
  call.counts.succeeded += event.finished.succeeded;
  call.counts.failed += event.finished.failed;
  call.counts.cancelled += event.finished.cancelled;
  // Moved on only after the inputs are in: the call is not done while they come.
  for (const input of event.inputs) {
    if (input.index >= call.cursor) ingest(core, call, input, true, nowMs, effects);
  }
  // The last of them may have ended a doomed call.
  if (!core.calls.has(call.callId)) return;
  call.cursor = Math.max(call.cursor, event.nextIndex);
  // Outputs of inputs that the answer did not contain are among its `finished`.
  if (call.endedEarly) {
    for (const index of call.endedEarly.keys()) if (index < call.cursor) call.endedEarly.delete(index);
  }
  call.storedTo = Math.max(call.storedTo, call.cursor);
  countTail(core, call);
  if (call.cursor >= call.storedTo && call.ahead.length > 0) {
    const { ahead } = call;
    call.ahead = [];
    takeIn(core, call, ahead, nowMs, effects);
  }
  wantLoad(core, call);
  if (core.calls.has(call.callId)) finishIfDone(core, call, nowMs, effects);
}

function takeIn(
  core: FunctionCore,
  call: Call,
  inputs: readonly ArrivedInput[],
  nowMs: number,
  effects: Effect[],
): void {
  for (const input of inputs) {
    if (input.index < call.cursor) continue;
    call.cursor = input.index + 1;
    call.storedTo = Math.max(call.storedTo, call.cursor);
    ingest(core, call, input, false, nowMs, effects);
  }
}

function ingest(
  core: FunctionCore,
  call: Call,
  arrived: ArrivedInput,
  fromStore: boolean,
  nowMs: number,
  effects: Effect[],
): void {
  const { index } = arrived;
  const early = call.endedEarly?.get(index);
  if (early !== undefined) {
    call.endedEarly?.delete(index);
    countEnd(call, early);
    finishIfDone(core, call, nowMs, effects);
    return;
  }
  const spokenOf = call.inputs.get(index);
  if (spokenOf) return join(core, spokenOf, arrived, nowMs, effects);
  const input = newInput(call, index, nowMs);
  input.value = arrived.value;
  input.failedAttempts = arrived.failedAttempts;
  input.lostAttempts = arrived.lostAttempts;
  input.lastAttempt = arrived.lastAttempt;
  input.judgedAttempt = arrived.lastAttempt;
  if (call.doom) {
    emitOutput(core, call, neverRan(input, { ...call.doom, nowMs }), true, nowMs, effects);
    return;
  }
  call.inputs.set(index, input);
  const { batched } = core.settings;
  if (batched && !fromStore) {
    const isBusy = queuedCount(core) + begunCount(core) > 0;
    noteArrival(core.arrivals, { nowMs, longestMs: 2 * batched.waitMs, isBusy });
  }
  enqueue(core, input);
  if (!fromStore || !runsAtMostOnce(core.settings)) return;
  noteMayHaveBegun(input);
  if (!core.recovering) endUnaccounted(core, input, nowMs, effects);
}

/** Joins an input with what a container said of it before. */
function join(core: FunctionCore, input: Input, arrived: ArrivedInput, nowMs: number, effects: Effect[]): void {
  if (input.value !== null) return;
  input.value = arrived.value;
  // Both may have seen the same failure; counting it once gives the input a try too many rather than one too few.
  input.failedAttempts = Math.max(input.failedAttempts, arrived.failedAttempts);
  input.lostAttempts = Math.max(input.lostAttempts, arrived.lostAttempts);
  input.lastAttempt = Math.max(input.lastAttempt, arrived.lastAttempt);
  input.judgedAttempt = Math.max(input.judgedAttempt, arrived.lastAttempt);
  const end = input.endToJudge;
  input.endToJudge = null;
  if (input.place === "unknown" && end) judge(core, input, end, nowMs, effects);
  if (input.place !== "unknown") return;
  const { doom } = input.call;
  if (doom) endInput(core, input, neverRan(input, { ...doom, nowMs }), nowMs, effects);
  else enqueue(core, input);
}

export function newInput(call: Call, index: number, nowMs: number): Input {
  return {
    call,
    index,
    value: null,
    place: "unknown",
    failedAttempts: 0,
    lostAttempts: 0,
    lastAttempt: 0,
    judgedAttempt: 0,
    queuedAtMs: nowMs,
    hold: null,
    endToJudge: null,
    prev: null,
    next: null,
  };
}

function measureBytes(call: Call, inputs: readonly ArrivedInput[]): void {
  let bytes = 0;
  for (const { value } of inputs) bytes += value.byteLength;
  if (inputs.length > 0) call.meanBytes = Math.max(1, bytes / inputs.length);
}
