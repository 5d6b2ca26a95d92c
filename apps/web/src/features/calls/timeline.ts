/**
 * The life of an input as stretches of time: waiting, attempts that failed, the last attempt. Pure; a stretch that has
 * not ended yet ends now.
 */
import type { InputDetailView, InputView } from "@bellows/protocol/views";

export type StretchKind = "waiting" | "failedAttempt" | "running" | "lastAttempt";

export interface Stretch {
  key: string;
  kind: StretchKind;
  label: string;
  fromMs: number;
  toMs: number;
  /** It goes on. */
  open: boolean;
  containerId: string | null;
}

export function timelineOf(input: InputDetailView, nowMs: number): Stretch[] {
  const stretches: Stretch[] = [];
  let at = input.queuedAtMs;
  const wait = (toMs: number, open: boolean) => {
    if (toMs <= at && !open) return;
    const key = `waiting-${stretches.length}`;
    stretches.push({
      key,
      kind: "waiting",
      label: "Waiting",
      fromMs: at,
      toMs: Math.max(at, toMs),
      open,
      containerId: null,
    });
    at = Math.max(at, toMs);
  };
  for (const { attempt, containerId, startedAtMs, finishedAtMs } of input.failedAttempts) {
    const fromMs = startedAtMs ?? finishedAtMs ?? at;
    const toMs = finishedAtMs ?? fromMs;
    wait(fromMs, false);
    stretches.push({
      key: `attempt-${attempt}`,
      kind: "failedAttempt",
      label: `Attempt ${attempt}`,
      fromMs,
      toMs,
      open: false,
      containerId,
    });
    at = Math.max(at, toMs);
  }
  const startedAtMs = lastAttemptStart(input);
  if (startedAtMs === null || startedAtMs < at - CLOCK_SLACK_MS) {
    wait(input.finishedAtMs ?? nowMs, input.finishedAtMs === null);
    return stretches;
  }
  wait(startedAtMs, false);
  const open = input.finishedAtMs === null;
  stretches.push({
    key: "last",
    kind: open ? "running" : "lastAttempt",
    label:
      input.failedAttempts.length === 0 && input.attempts <= 1 ? "Running" : `Attempt ${Math.max(1, input.attempts)}`,
    fromMs: startedAtMs,
    toMs: Math.max(startedAtMs, input.finishedAtMs ?? nowMs),
    open,
    containerId: input.containerId,
  });
  return stretches;
}

/** Starts are measured in the container, ends in the orchestrator: on two hosts they differ a little. */
const CLOCK_SLACK_MS = 1_000;

/** When the attempt that counts began; null when none has, or when it waits to be tried again. */
export function lastAttemptStart({ state, startedAtMs }: Pick<InputView, "state" | "startedAtMs">): number | null {
  return HAS_RUN[state] ? startedAtMs : null;
}

const HAS_RUN: Record<InputView["state"], boolean> = {
  queued: false,
  running: true,
  succeeded: true,
  failed: true,
  cancelled: true,
};
