/**
 * The outputs of a call that is stored, read from any program for as long as they are kept. Each read asks the
 * orchestrator once and is asked again after a cut, so nothing piles up on the way and nothing is lost.
 */
import type { Duration } from "@bellows/protocol/duration";
import { formatDuration } from "@bellows/protocol/duration";
import type { BellowsError } from "@bellows/protocol/errors";
import { CancelledError, InternalError, NotFoundError, TimeoutError } from "@bellows/protocol/errors";
import type { Connection, Wire } from "./connection.ts";
import type { OutputPage, ReadQuestion } from "./link-read.ts";
import { timeoutMsOf, waitFor } from "./waiting.ts";

export interface GetOptions {
  /** How long to wait: for ever when left out, `0` looks once. */
  timeout?: Duration | undefined;
  /** Stops waiting; the call goes on. */
  signal?: AbortSignal | undefined;
}

/**
 * Waits for the output of one input. `isReady` is asked when nothing is to be waited for.
 * @throws TimeoutError when it is not there in time; otherwise the error of the input, or why there is no output.
 */
export async function storedOutput<Result>(
  { connection, callId, index }: { connection: Connection; callId: string; index: number },
  { timeout, signal }: GetOptions,
  isReady: () => Promise<boolean>,
): Promise<Result> {
  const timeoutMs = timeoutMsOf(timeout);
  if (signal?.aborted) throw stoppedWaiting(callId, signal);
  if (timeoutMs === 0 && !(await isReady())) throw notReady(callId, 0);
  const wire = connection.wire ?? (await connection.connect());
  const limited = timeoutMs ? { timeoutMs, timedOut: () => notReady(callId, timeoutMs) } : {};
  const page = await readPage(wire, { callId, fromIndex: index, limit: 1 }, { signal, ...limited });
  const [output] = page.outputs;
  if (!output) throw missingOutput(callId, index, page.end);
  const outcome = wire.payloads.outcomeOf(callId, output);
  // `spawn` and the caller of `fromId` say what the result is; it travelled as bytes.
  if (outcome.ok) return outcome.value as Result;
  throw outcome.error;
}

/** Waits until the output at `fromIndex` is there, or the call is over. @throws CancelledError by the signal. */
export function readPage(
  { link }: Wire,
  question: ReadQuestion,
  waiting: { signal?: AbortSignal | undefined; timeoutMs?: number; timedOut?: () => Error } = {},
): Promise<OutputPage> {
  return waitFor<OutputPage>(
    { ...waiting, aborted: (signal) => stoppedWaiting(question.callId, signal) },
    (resolve, reject) => link.read(question, { page: resolve, failed: reject }),
  );
}

/** The error of whoever waits for an output that the call, which is over, does not have. */
export function missingOutput(callId: string, index: number, end: OutputPage["end"]): BellowsError {
  if (end && index >= end.inputCount && end.state !== "cancelled") {
    return new NotFoundError(`call ${callId} has no input ${index}; it has ${end.inputCount}, counted from 0`);
  }
  return endedWithoutOutput(callId, end?.state ?? "running");
}

/** The error of whoever waits for an output of a call that is over and has none. */
export function endedWithoutOutput(callId: string, state: string): BellowsError {
  return state === "cancelled"
    ? new CancelledError(`call ${callId} was cancelled`)
    : new InternalError(`call ${callId} ended as ${state} without the output that was waited for`);
}

function notReady(id: string, timeoutMs: number): TimeoutError {
  const waited = timeoutMs === 0 ? "yet" : `after ${formatDuration(timeoutMs)}`;
  return new TimeoutError(`call ${id} has no result ${waited}; it goes on, so get it again later`);
}

function stoppedWaiting(id: string, signal: AbortSignal): CancelledError {
  return new CancelledError(`stopped waiting for call ${id} by the signal; the call goes on`, {
    cause: signal.reason,
  });
}
