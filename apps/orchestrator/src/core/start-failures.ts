/**
 * Starts that fail. Three in a row make the function degraded: its starts pause, twice as long each time, and one
 * container at a time is tried. A start that succeeds, or new code, clears it.
 *
 * While starts are paused and no container is there, callers that wait are told so instead of being left to hang:
 * queued sync inputs end with the start's error. Async inputs end too, but only if this code has never started (it
 * cannot then): what has run before may run again, and async work is kept. After a restart of the orchestrator it is
 * not known whether the code ever ran, so more failures are needed: about a minute of them.
 */
import type { ErrorData } from "@bellows/protocol/errors";

const DEGRADED_AFTER = 3;
const HOPELESS_AFTER_RECOVERY = 8;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface StartFailures {
  inARow: number;
  pauses: number;
  pausedUntilMs: number;
  lastError: ErrorData | null;
  everStarted: boolean;
  /** The function was taken over with its past: it may have started before. */
  recovered: boolean;
}

export function noStartFailures(recovered: boolean): StartFailures {
  return { inARow: 0, pauses: 0, pausedUntilMs: 0, lastError: null, everStarted: false, recovered };
}

export function startFailed(failures: StartFailures, error: ErrorData, nowMs: number): void {
  failures.inARow += 1;
  failures.lastError = error;
  // Starts that were under way when the pause began fail within it and do not lengthen it.
  if (failures.inARow < DEGRADED_AFTER || nowMs < failures.pausedUntilMs) return;
  failures.pausedUntilMs = nowMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures.pauses);
  failures.pauses += 1;
}

export function startSucceeded(failures: StartFailures): void {
  failures.inARow = 0;
  failures.pauses = 0;
  failures.pausedUntilMs = 0;
  failures.lastError = null;
  failures.everStarted = true;
}

/** New code: what failed before says nothing about it. */
export function forgetStarts(failures: StartFailures): void {
  startSucceeded(failures);
  failures.everStarted = false;
  failures.recovered = false;
}

export function isDegraded(failures: StartFailures): boolean {
  return failures.inARow >= DEGRADED_AFTER;
}

/** Whether async inputs should end as well, because this code cannot start. */
export function isHopeless(failures: StartFailures): boolean {
  return !failures.everStarted && failures.inARow >= (failures.recovered ? HOPELESS_AFTER_RECOVERY : DEGRADED_AFTER);
}

/** What callers and the console are told. */
export function degradedError(failures: StartFailures): ErrorData | null {
  const { lastError, inARow } = failures;
  if (!lastError || !isDegraded(failures)) return null;
  return {
    code: "STARTUP",
    name: "StartupError",
    message: `${inARow} starts of a container failed in a row; the last one: ${lastError.message}`,
    ...(lastError.stack ? { stack: lastError.stack } : {}),
    details: { failedStarts: inARow },
    cause: lastError,
  };
}
