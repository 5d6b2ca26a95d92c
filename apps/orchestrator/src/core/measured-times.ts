/** What running a unit and starting a container take, as measured. */
import { noteBatch } from "./batch-times.ts";
import type { Batch, Container, FunctionCore, MeasuredTimes } from "./state.ts";

/** The plain mean of so many attempts; from then on each moves it by one part of as many. */
export const RUNS_IN_MEAN = 50;
/** Each start moves the mean by a fifth: about the last ten count, so that it follows an image that is cached now. */
const START_SHARE = 0.2;

interface Run {
  startedAtMs: number;
  finishedAtMs: number;
  batch?: Batch | null | undefined;
}

export function measureRun(core: FunctionCore, { startedAtMs, finishedAtMs, batch }: Run, nowMs: number): void {
  const runMs = Math.max(0, finishedAtMs - startedAtMs);
  core.runsMeasured += 1;
  core.runEndedMs = nowMs;
  const share = 1 / Math.min(core.runsMeasured, RUNS_IN_MEAN);
  core.runMs = core.runMs === null ? runMs : core.runMs + share * (runMs - core.runMs);
  // A clock that was set back meanwhile tells nothing.
  if (batch?.size && finishedAtMs >= startedAtMs) noteBatch(core.batchTimes, batch.size, runMs);
}

/** From the request on. A worker that came back and a container found again were not started. */
export function measureStart(core: FunctionCore, container: Container, nowMs: number): void {
  if (container.adopted || container.readyAtMs <= nowMs || container.deploymentId !== core.deploymentId) return;
  const startMs = nowMs - container.startingSinceMs;
  if (startMs < 0) return;
  core.startMs = core.startMs === null ? startMs : core.startMs + START_SHARE * (startMs - core.startMs);
}

/** Other code takes other times. */
export function forgetTimes(core: FunctionCore): void {
  core.timesBefore = expectedTimes(core);
  core.runMs = null;
  core.runsMeasured = 0;
  core.startMs = null;
  core.batchTimes = [];
}

/** Of the code before, as long as the present one has not told: the best guess there is. */
export function expectedTimes({ runMs, startMs, timesBefore }: FunctionCore): MeasuredTimes {
  return { runMs: runMs ?? timesBefore.runMs, startMs: startMs ?? timesBefore.startMs };
}
