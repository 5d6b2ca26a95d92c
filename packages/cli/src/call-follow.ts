/**
 * Stays with a call until it has ended. It only asks, so it changes nothing for the call, can be left and taken up again,
 * and a restart of the orchestrator is waited out.
 */
import { ConnectionError } from "@bellows/protocol/errors";
import { isFinishedCall } from "@bellows/protocol/states";
import type { CallView } from "@bellows/protocol/views";
import pc from "picocolors";
import { callProgressLine, Rate } from "./progress.ts";
import { startProgressBar } from "./progress-bar.ts";
import type { Session } from "./session.ts";

const POLL_MS = 300;

/** Resolves with the ended call. @throws NotFoundError, OutputExpiredError. */
export async function followCall(session: Session, id: string, { now }: { now: () => number }): Promise<CallView> {
  // Before there is a bar: a call that is not there, or an orchestrator that does not answer at all, is said at once.
  let call = await session.request((api) => api.calls.get.query({ id }));
  if (isFinishedCall(call.state)) return call;
  const bar = process.stderr.isTTY ? startProgressBar(process) : undefined;
  const rate = new Rate();
  let isAway = false;
  try {
    while (!isFinishedCall(call.state)) {
      rate.add(call.counts.succeeded + call.counts.failed, now());
      bar?.update(callProgressLine(call, rate.perSecond, (process.stderr.columns || 80) - 1));
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
    bar?.stop();
  }
}
