/**
 * What containers say of attempts. Everything may be said of an attempt that is not known (after a restart its input
 * is read later) or known to be over (said twice): the first is remembered for the input, the second changes nothing.
 */
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { newInput } from "./arrive.ts";
import { callOf, newCall } from "./calls.ts";
import type { CoreEvent, Effect } from "./events.ts";
import { measureRun } from "./measured-times.ts";
import { giveBack, judge, lose } from "./outcome.ts";
import { dequeue, undelay } from "./queue.ts";
import { begin, findHold, holdFound, release, setState } from "./slots.ts";
import type { Call, Container, FunctionCore, Hold, Input } from "./state.ts";
import { endIfDone } from "./victims.ts";

export function attemptsEnded(
  core: FunctionCore,
  { containerId, outputs }: Extract<CoreEvent, { type: "attemptsEnded" }>,
  nowMs: number,
  effects: Effect[],
): void {
  const container = core.containers.get(containerId);
  if (container) container.used ||= core.settings.singleUseContainers;
  // What other code took says nothing of this one.
  const isOfThisCode = !container || container.deploymentId === core.deploymentId;
  for (const [callId, items] of outputs) {
    for (const [index, attempt, status, payload, startedAtMs, finishedAtMs] of items) {
      const call = core.endedCalls.has(callId) ? undefined : callOf(core, callId, nowMs);
      const input = call?.inputs.get(index);
      const held = container && findHold(container, { callId, index, attempt }, input);
      if (held) release(core, held, nowMs);
      // A batch is one run, which its last input ends.
      const endsRun = isOfThisCode && !held?.batch?.left && status !== OUTPUT_STATUS.cancelled;
      if (endsRun) measureRun(core, { startedAtMs, finishedAtMs, batch: held?.batch }, nowMs);
      const ended = input ?? (call && inputNeverSeen(call, index, nowMs));
      if (!ended) continue;
      judge(core, ended, { containerId, attempt, status, payload, startedAtMs, finishedAtMs }, nowMs, effects);
    }
  }
  if (container) endIfDone(core, container, effects);
}

/** A place for an input that is spoken of before it came; undefined when it came before and is over. */
function inputNeverSeen(call: Call, index: number, nowMs: number): Input | undefined {
  if ((call.opened && index < call.cursor) || call.endedEarly?.has(index)) return undefined;
  const input = newInput(call, index, nowMs);
  call.inputs.set(index, input);
  return input;
}

/**
 * Notes an attempt that a container holds and the core did not give it (adoption). The caller ranks the container.
 * @returns false when nobody waits for it.
 */
export function adopt(core: FunctionCore, container: Container, ref: AttemptRef, nowMs: number): boolean {
  const [callId, index, attempt] = ref;
  container.used ||= core.settings.singleUseContainers;
  const over = core.endedCalls.has(callId);
  const call = over ? newCall(callId, nowMs) : callOf(core, callId, nowMs);
  const input = over ? undefined : (call.inputs.get(index) ?? inputNeverSeen(call, index, nowMs));
  if (!input || input.hold || attempt <= input.judgedAttempt) {
    // Over already, or handed to another container meanwhile, perhaps under the same number: it only takes a slot here.
    const shadow = newInput(call, index, nowMs);
    holdFound(core, container, { input: shadow, attempt }, nowMs);
    shadow.place = "ended";
    shadow.hold = null;
    container.shadows += 1;
    return false;
  }
  if (input.place === "queued") dequeue(core, input);
  else if (input.place === "delayed") undelay(core, input);
  input.lastAttempt = Math.max(input.lastAttempt, attempt);
  holdFound(core, container, { input, attempt }, nowMs);
  return true;
}

/** Attempts whose execution has begun. Those of a doomed call were recalled in vain: they are cancelled. */
export function attemptsStarted(
  core: FunctionCore,
  event: Extract<CoreEvent, { type: "attemptsStarted" }>,
  nowMs: number,
  effects: Effect[],
): void {
  const unwanted: AttemptRef[] = [];
  for (const held of holdsOf(core, event.containerId, event.attempts)) {
    begin(core, held, nowMs);
    held.startedAtMs = nowMs;
    const { call, index } = held.input;
    if (held.recalled && call.doom) unwanted.push([call.callId, index, held.attempt]);
  }
  if (unwanted.length > 0) {
    effects.push({ type: "cancelAttempts", containerId: event.containerId, attempts: unwanted });
  }
}

/** Attempts that never began: back into the queue at once. */
export function attemptsReturned(
  core: FunctionCore,
  event: Extract<CoreEvent, { type: "attemptsReturned" }>,
  nowMs: number,
  effects: Effect[],
): void {
  for (const held of holdsOf(core, event.containerId, event.attempts)) giveBack(core, held, nowMs, effects);
  const container = core.containers.get(event.containerId);
  if (container) endIfDone(core, container, effects);
}

/** The worker died with these. Its container gets nothing until it has a new one. */
export function attemptsLost(
  core: FunctionCore,
  event: Extract<CoreEvent, { type: "attemptsLost" }>,
  nowMs: number,
  effects: Effect[],
): void {
  const container = core.containers.get(event.containerId);
  if (container) {
    container.startingSinceMs = nowMs;
    if (container.state === "ready") setState(core, container, "starting");
  }
  for (const held of holdsOf(core, event.containerId, event.attempts)) lose(core, held, event.error, nowMs, effects);
  if (container) endIfDone(core, container, effects);
}

function* holdsOf(core: FunctionCore, containerId: string, attempts: readonly AttemptRef[]): Iterable<Hold> {
  const container = core.containers.get(containerId);
  if (!container) return;
  for (const [callId, index, attempt] of attempts) {
    const input = core.calls.get(callId)?.inputs.get(index);
    const held = findHold(container, { callId, index, attempt }, input);
    if (held) yield held;
  }
}
