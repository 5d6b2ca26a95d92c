/**
 * Stays with a call until it has ended. It only asks, so it changes nothing for the call, can be left and taken up again,
 * and a restart of the orchestrator is waited out. On a terminal its progress is a bar; elsewhere a line when it has changed.
 */
import type { CallView } from "@bellows/protocol/call-views";
import { ConnectionError } from "@bellows/protocol/errors";
import { isFinishedCall } from "@bellows/protocol/states";
import pc from "picocolors";
import { callProgressLine, callProgressText, doneOf, Rate } from "./progress.ts";
import { startProgressBar } from "./progress-bar.ts";
import type { Session } from "./session.ts";

const POLL_MS = 300;
/** Lines of progress are no closer than this. */
const LINE_MS = 1_000;

interface FollowOptions {
  now: () => number;
  showProgress: boolean;
}

/** Resolves with the ended call. @throws NotFoundError, OutputExpiredError. */
export async function followCall(
  session: Session,
  id: string,
  { now, showProgress }: FollowOptions,
): Promise<CallView> {
  // Before there is a bar: a call that is not there, or an orchestrator that does not answer at all, is said at once.
  let call = await session.request((api) => api.calls.get.query({ id }));
  if (isFinishedCall(call.state)) return call;
  const progress = showProgress ? progressOn(process) : undefined;
  const rate = new Rate();
  let isAway = false;
  try {
    while (!isFinishedCall(call.state)) {
      rate.add(doneOf(call.counts), now());
      progress?.show(call, rate.perSecond, now());
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      try {
        call = await session.request((api) => api.calls.get.query({ id }));
        isAway = false;
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        if (!isAway) process.stderr.write(`${pc.yellow(`${error.message}; waiting for it`)}\n`);
        isAway = true;
      }
    }
    return call;
  } finally {
    progress?.stop();
  }
}

interface ShownProgress {
  show(call: CallView, perSecond: number, nowMs: number): void;
  stop(): void;
}

function progressOn({ stdout, stderr }: Pick<NodeJS.Process, "stdout" | "stderr">): ShownProgress {
  const say = (line: string) => stderr.write(`${line}\n`);
  if (!stderr.isTTY) return { show: eachChange([callProgressText, waitText], say), stop: () => undefined };
  const bar = startProgressBar({ stdout, stderr });
  const sayWait = eachChange([waitText], say);
  return {
    show(call, perSecond, nowMs) {
      bar.update(callProgressLine(call, perSecond, (stderr.columns || 80) - 1));
      sayWait(call, perSecond, nowMs);
    },
    stop: () => bar.stop(),
  };
}

function waitText({ waitReason }: CallView): string {
  return waitReason === null ? "" : `waiting: ${waitReason}`;
}

type TextOf = (call: CallView, perSecond: number) => string;

/** Says each text of a call when it is another one than before, all of them at most once in `LINE_MS`. */
export function eachChange(texts: readonly TextOf[], say: (line: string) => void): ShownProgress["show"] {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  let before: string[] = [];
  return (call, perSecond, nowMs) => {
    if (nowMs - saidAtMs < LINE_MS) return;
    // Compared without the rate, which is never the same twice.
    const now = texts.map((textOf) => textOf(call, 0));
    const changed = texts.filter((_, i) => now[i] !== before[i] && now[i] !== "");
    before = now;
    if (changed.length === 0) return;
    saidAtMs = nowMs;
    for (const textOf of changed) say(textOf(call, perSecond));
  };
}
