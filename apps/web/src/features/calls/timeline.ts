/**
 * The life of an input as attempts: when each was queued, started and finished, and how it ended; and the same as
 * stretches of one line of time. Pure; what has not ended yet ends now.
 */
import type { InputDetailView, InputView } from "@bellows/protocol/call-views";
import type { ErrorData } from "@bellows/protocol/errors";
import type { AttemptOutcome, InputState } from "@bellows/protocol/states";

/** One attempt. The last one has no outcome of its own: how it stands is the state of the input. */
export interface AttemptSpan {
  attempt: number;
  outcome: AttemptOutcome | null;
  queuedAtMs: number;
  /** Null when it never began. */
  startedAtMs: number | null;
  /** Null while it goes on. */
  finishedAtMs: number | null;
  containerId: string | null;
  error: ErrorData | null;
}

export interface Stretch {
  key: string;
  label: string;
  /** What it was: waiting, an attempt that did not count, or the one that does, in the state of the input. */
  kind: "waiting" | AttemptOutcome | InputState;
  fromMs: number;
  toMs: number;
  /** It goes on. */
  open: boolean;
}

/** Oldest first. An input that waits has an attempt that has not started. */
export function attemptsOf(input: InputDetailView): AttemptSpan[] {
  const spans: AttemptSpan[] = [];
  let { queuedAtMs } = input;
  for (const attempt of input.failedAttempts) {
    const finishedAtMs = attempt.finishedAtMs ?? attempt.startedAtMs ?? attempt.queuedAtMs;
    spans.push({ ...attempt, finishedAtMs });
    queuedAtMs = Math.max(queuedAtMs, finishedAtMs);
  }
  spans.push(lastAttempt(input, queuedAtMs, spans.at(-1)?.attempt ?? 0));
  return spans;
}

function lastAttempt(input: InputDetailView, queuedAtMs: number, attemptBefore: number): AttemptSpan {
  const started = lastAttemptStart(input);
  // An earlier start is that of an attempt before: this one ended while it waited.
  const begun = started !== null && started >= queuedAtMs - CLOCK_SLACK_MS;
  return {
    attempt: Math.max(attemptBefore + 1, input.attempts),
    outcome: null,
    queuedAtMs,
    startedAtMs: begun ? started : null,
    finishedAtMs: input.finishedAtMs,
    containerId: begun ? input.containerId : null,
    error: input.error,
  };
}

export function timelineOf(input: InputDetailView, nowMs: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { attempt, outcome, queuedAtMs, startedAtMs, finishedAtMs } of attemptsOf(input)) {
    const open = finishedAtMs === null;
    const endMs = finishedAtMs ?? nowMs;
    const waitedUntilMs = Math.max(queuedAtMs, startedAtMs ?? endMs);
    const waits = startedAtMs === null && open;
    if (waitedUntilMs > queuedAtMs || waits) {
      stretches.push({
        key: `waiting-${attempt}`,
        label: "Waiting",
        kind: "waiting",
        fromMs: queuedAtMs,
        toMs: waitedUntilMs,
        open: waits,
      });
    }
    if (startedAtMs === null) continue;
    stretches.push({
      key: `attempt-${attempt}`,
      label: `Attempt ${attempt}`,
      kind: outcome ?? input.state,
      fromMs: startedAtMs,
      toMs: Math.max(startedAtMs, endMs),
      open,
    });
  }
  return stretches;
}

/** Starts are measured in the container, ends in the orchestrator: on two hosts they differ a little. */
const CLOCK_SLACK_MS = 1_000;

/** When the attempt that counts began; null when none has, or when it waits to be tried again. */
export function lastAttemptStart({ state, startedAtMs }: Pick<InputView, "state" | "startedAtMs">): number | null {
  return HAS_RUN[state] ? startedAtMs : null;
}

const HAS_RUN: Record<InputState, boolean> = {
  queued: false,
  running: true,
  succeeded: true,
  failed: true,
  cancelled: true,
};
