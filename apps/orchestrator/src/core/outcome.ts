/**
 * How an input ends or goes on after an attempt: its one output, a retry, or back into the queue. An input leaves the
 * books here and nowhere else, so it can end only once.
 */
import type { ErrorData } from "@bellows/protocol/errors";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { countEnd, finishIfDone } from "./calls.ts";
import type { Effect, InputOutput } from "./events.ts";
import { delay, dequeue, enqueueReturned, undelay } from "./queue.ts";
import { isLastWhateverCameBefore, mayBeGivenBack, retryDelayMs, runsAtMostOnce } from "./retry.ts";
import { release } from "./slots.ts";
import type { AttemptEnd, Call, FunctionCore, Hold, Input } from "./state.ts";

/** Stores and delivers the output of an input and takes the input out of wherever it is. */
export function endInput(
  core: FunctionCore,
  input: Input,
  output: InputOutput,
  nowMs: number,
  effects: Effect[],
): void {
  if (input.place === "queued") dequeue(core, input);
  else if (input.place === "delayed") undelay(core, input);
  else if (input.hold) abandon(input.hold, effects);
  input.place = "ended";
  input.hold = null;
  const { call } = input;
  call.inputs.delete(input.index);
  emitOutput(core, call, output, input.value !== null, nowMs, effects);
}

/** The output of an input that may not be in memory; `known` when the call has counted it as received. */
export function emitOutput(
  core: FunctionCore,
  call: Call,
  output: InputOutput,
  known: boolean,
  nowMs: number,
  effects: Effect[],
): void {
  effects.push({ type: "output", output });
  if (!known) {
    call.endedEarly ??= new Map();
    call.endedEarly.set(output.index, output.status);
    return;
  }
  countEnd(call, output.status);
  finishIfDone(core, call, nowMs, effects);
}

/** The input has its output from an older attempt: the younger one need not go on. */
function abandon(hold: Hold, effects: Effect[]): void {
  const { container, input, attempt } = hold;
  container.shadows += 1;
  if (!container.linked) return;
  effects.push({
    type: "cancelAttempts",
    containerId: container.id,
    attempts: [[input.call.callId, input.index, attempt]],
  });
}

/** An attempt ended and this is its input's output, or a failure to be tried again. The hold is released already. */
export function judge(core: FunctionCore, input: Input, end: AttemptEnd, nowMs: number, effects: Effect[]): void {
  if (end.status === OUTPUT_STATUS.succeeded) return endWith(core, input, end, nowMs, effects);
  if (input.value === null && input.call.opened) return judgeLater(input, end);
  // A younger attempt is under way: that one decides.
  if (input.hold) return;
  // So does one that waits for its turn, and what was judged is told again (also before the whole call was retried).
  if (input.place !== "held" && (end.attempt < input.lastAttempt || end.attempt <= input.judgedAttempt)) return;
  if (end.status === OUTPUT_STATUS.cancelled) return endWith(core, input, end, nowMs, effects);
  input.lastAttempt = Math.max(input.lastAttempt, end.attempt);
  if (input.value === null) {
    const last = runsAtMostOnce(core.settings) || isLastWhateverCameBefore(core.settings.retries, end.payload);
    return last ? endWith(core, input, end, nowMs, effects) : judgeLater(input, end);
  }
  const failedAttempts = input.failedAttempts + 1;
  const delayMs = isLast(core, input) ? null : retryDelayMs(core.settings.retries, failedAttempts, end.payload);
  if (delayMs === null) return endWith(core, input, end, nowMs, effects);
  if (input.place === "queued") dequeue(core, input);
  input.failedAttempts = failedAttempts;
  input.judgedAttempt = end.attempt;
  effects.push({
    type: "attemptFailed",
    callId: input.call.callId,
    index: input.index,
    attempt: end.attempt,
    containerId: end.containerId,
    startedAtMs: end.startedAtMs,
    finishedAtMs: end.finishedAtMs,
    error: end.payload,
    outcome: "failed",
  });
  if (delayMs <= 0) enqueueReturned(core, input);
  else delay(core, input, nowMs + delayMs);
}

function isLast(core: FunctionCore, input: Input): boolean {
  return input.call.doom !== null || runsAtMostOnce(core.settings);
}

/** Only when the input is known it is known whether this attempt is its last, or one that was told of before. */
function judgeLater(input: Input, end: AttemptEnd): void {
  if (input.hold || end.attempt < (input.endToJudge?.attempt ?? 0)) return;
  input.place = "unknown";
  input.endToJudge = end;
}

function endWith(core: FunctionCore, input: Input, end: AttemptEnd, nowMs: number, effects: Effect[]): void {
  const output: InputOutput = {
    callId: input.call.callId,
    index: input.index,
    status: end.status,
    payload: end.payload,
    attempts: input.value === null ? null : input.failedAttempts + 1,
    containerId: end.containerId,
    queuedAtMs: input.value === null ? end.startedAtMs : input.queuedAtMs,
    startedAtMs: end.startedAtMs,
    finishedAtMs: end.finishedAtMs,
  };
  endInput(core, input, output, nowMs, effects);
}

/** The container has the attempt no more and it did not count: the input waits for another turn. */
export function giveBack(core: FunctionCore, hold: Hold, nowMs: number, effects: Effect[]): void {
  const { input } = hold;
  const latest = input.hold === hold;
  release(core, hold, nowMs);
  // It has its output, or a younger attempt has it.
  if (input.place === "ended" || !latest) return;
  requeue(core, input, nowMs, effects);
}

/** The attempt was lost with its container. It is not charged to the user's code, but only so many times. */
export function lose(core: FunctionCore, hold: Hold, error: ErrorData, nowMs: number, effects: Effect[]): void {
  const { input } = hold;
  const latest = input.hold === hold;
  release(core, hold, nowMs);
  if (input.place === "ended" || !latest) return;
  input.lostAttempts += 1;
  if (!isLast(core, input) && mayBeGivenBack(input.lostAttempts)) {
    effects.push({
      type: "attemptFailed",
      callId: input.call.callId,
      index: input.index,
      attempt: hold.attempt,
      containerId: hold.container.id,
      startedAtMs: hold.startedAtMs,
      finishedAtMs: nowMs,
      error: encodeValue(error),
      outcome: "lost",
    });
    return requeue(core, input, nowMs, effects);
  }
  if (input.call.doom) return requeue(core, input, nowMs, effects);
  const output = neverRan(input, {
    status: OUTPUT_STATUS.failed,
    payload: encodeValue(crashed(input, error)),
    nowMs,
  });
  endInput(core, input, { ...output, containerId: hold.container.id, startedAtMs: hold.startedAtMs }, nowMs, effects);
}

function requeue(core: FunctionCore, input: Input, nowMs: number, effects: Effect[]): void {
  if (input.value === null) {
    input.place = "unknown";
    if (input.lostAttempts === 0 && !input.endToJudge) input.call.inputs.delete(input.index);
  } else if (input.call.doom) {
    endInput(core, input, neverRan(input, { ...input.call.doom, nowMs }), nowMs, effects);
  } else {
    enqueueReturned(core, input);
  }
}

/** The output of an input that no attempt ended. */
export function neverRan(
  input: Input,
  end: { status: InputOutput["status"]; payload: Uint8Array; nowMs: number },
): InputOutput {
  return {
    callId: input.call.callId,
    index: input.index,
    status: end.status,
    payload: end.payload,
    attempts: input.failedAttempts,
    containerId: null,
    queuedAtMs: input.queuedAtMs,
    startedAtMs: null,
    finishedAtMs: end.nowMs,
  };
}

function crashed(input: Input, error: ErrorData): ErrorData {
  return {
    code: "CONTAINER_CRASHED",
    name: "ContainerCrashedError",
    message:
      `the container that ran this input was lost ${input.lostAttempts} times, the last time because: ${error.message}; ` +
      "look at the logs of its containers, and at the memory the input needs",
    details: { lostAttempts: input.lostAttempts },
    cause: error,
  };
}
