/**
 * Which input is next: sync calls before async ones, calls of a class in turns of one input, the lowest index of a
 * call first. What is given back returns to its place near the head, so the order within a call survives.
 */
import type { QueueClass } from "@bellows/protocol/states";
import { addAt, takeDue } from "./due-times.ts";
import { append, insertBefore, remove } from "./linked-list.ts";
import { isSuspect } from "./retry.ts";
import type { Call, FunctionCore, Input } from "./state.ts";

/** How far from the head an input that returns looks for its place: its neighbours are the others that returned. */
const RETURN_STEPS = 32;

/** An input that is new: last of its call. */
export function enqueue(core: FunctionCore, input: Input): void {
  if (isSuspect(input)) return enqueueSuspect(core, input);
  append(input.call.queued, input);
  entered(core, input);
}

/** An input that was given back, or whose retry is due: near the head of its call. */
export function enqueueReturned(core: FunctionCore, input: Input): void {
  if (isSuspect(input)) return enqueueSuspect(core, input);
  let before = input.call.queued.head;
  for (let step = 0; before && before.index < input.index && step < RETURN_STEPS; step++) before = before.next;
  insertBefore(input.call.queued, input, before);
  entered(core, input);
}

/** The next suspect; for a container that holds nothing. */
export function takeSuspect(core: FunctionCore): Input | undefined {
  const input = core.suspects.head;
  if (!input) return undefined;
  remove(core.suspects, input);
  left(core, input);
  return input;
}

/** The next input to hand over that is no suspect. */
export function takeNext(core: FunctionCore): Input | undefined {
  return takeFrom(core, "sync") ?? takeFrom(core, "async");
}

export function queuedCount(core: FunctionCore): number {
  return core.queued.sync + core.queued.async;
}

/** What `takeNext` would give out. */
export function peekNext(core: FunctionCore): Input | null {
  const call = core.rounds.sync.head ?? core.rounds.async.head;
  return call?.queued.head ?? null;
}

/** Those that `takeNext` gives out. */
export function inTurnCount(core: FunctionCore): number {
  return queuedCount(core) - core.suspects.length;
}

/** Takes an input out of the queue of its call, wherever it is in it. */
export function dequeue(core: FunctionCore, input: Input): void {
  const { call } = input;
  left(core, input);
  if (isSuspect(input)) return remove(core.suspects, input);
  remove(call.queued, input);
  if (call.queued.length === 0) leaveRound(core, call);
}

/** An input that waits for its retry. */
export function delay(core: FunctionCore, input: Input, dueAtMs: number): void {
  input.place = "delayed";
  core.delayed += 1;
  countBytes(core, input, 1);
  addAt(core.dueTimes, dueAtMs, input);
}

/** An input stops waiting for its retry; its entry among the due times is passed over later. */
export function undelay(core: FunctionCore, input: Input): void {
  core.delayed -= 1;
  countBytes(core, input, -1);
}

/** Queues the inputs whose retry is due. */
export function enqueueDue(core: FunctionCore, nowMs: number): void {
  for (let input = takeDue(core.dueTimes, nowMs); input; input = takeDue(core.dueTimes, nowMs)) {
    if (input.place !== "delayed") continue;
    undelay(core, input);
    enqueueReturned(core, input);
  }
}

function takeFrom(core: FunctionCore, queueClass: QueueClass): Input | undefined {
  const round = core.rounds[queueClass];
  const call = round.head;
  const input = call?.queued.head;
  if (!call || !input) return undefined;
  remove(call.queued, input);
  left(core, input);
  if (call.queued.length === 0) leaveRound(core, call);
  else if (round.length > 1) {
    remove(round, call);
    append(round, call);
  }
  return input;
}

function enqueueSuspect(core: FunctionCore, input: Input): void {
  append(core.suspects, input);
  counted(core, input);
}

function counted(core: FunctionCore, input: Input): void {
  input.place = "queued";
  core.queued[input.call.queueClass] += 1;
  countBytes(core, input, 1);
}

function entered(core: FunctionCore, input: Input): void {
  const { call } = input;
  counted(core, input);
  if (call.inRound) return;
  call.inRound = true;
  append(core.rounds[call.queueClass], call);
}

function left(core: FunctionCore, input: Input): void {
  core.queued[input.call.queueClass] -= 1;
  countBytes(core, input, -1);
}

function leaveRound(core: FunctionCore, call: Call): void {
  call.inRound = false;
  remove(core.rounds[call.queueClass], call);
}

function countBytes(core: FunctionCore, input: Input, sign: 1 | -1): void {
  if (input.call.queueClass === "async" && input.value) core.asyncBytes += sign * input.value.byteLength;
}
