/**
 * The life of an ephemeral app: held for as long as the work takes, its logs and progress shown, stopped at the end.
 * If this process dies, the orchestrator sees that nobody holds the app and stops it 30 s later; a detached app is left
 * to finish its calls.
 */
import type { AppProgressView, DeploymentView } from "@bellows/protocol/views";
import { ClientLink } from "@bellows/sdk/client-link";
import pc from "picocolors";
import { Interrupted, untilInterrupted } from "./interrupts.ts";
import { logLine } from "./log-printer.ts";
import { countsText, doneOf, progressLine, Rate } from "./progress.ts";
import { startProgressBar } from "./progress-bar.ts";
import { type ProgressWatch, watchProgress } from "./progress-watch.ts";
import type { Session } from "./session.ts";

export interface EphemeralOptions {
  detach: boolean;
  /** A bar on the terminal while it runs, a line of counts at the end. */
  showProgress: boolean;
  now: () => number;
}

/** Lines of a log may still be on their way when the work is done. */
const LOG_QUIET_MS = 100;
const LOG_PATIENCE_MS = 1_500;

/**
 * Runs the work with the app alive, and ends the app whatever happened.
 * @throws what the work threw; Interrupted.
 */
export async function withEphemeralApp<T>(
  app: DeploymentView,
  session: Session,
  options: EphemeralOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const startedAtMs = options.now();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const link = new ClientLink(session.credentials);
  link.hold(app.appId);
  let lastLogAtMs = 0;
  const unfollow = link.followLogs(app.appId, (lines) => {
    lastLogAtMs = options.now();
    for (const [functionName, atMs, stream, , index, , text] of lines) {
      say(logLine({ functionName, atMs, stream, index, text }));
    }
  });
  const display = options.showProgress ? startDisplay(session, app.appId, options) : undefined;
  let isInterrupted = false;
  try {
    return await untilInterrupted(work, () => {
      say(pc.dim(options.detach ? `leaving ${app.appName}` : `stopping ${app.appName}; again to quit at once`));
    });
  } catch (error) {
    isInterrupted = error instanceof Interrupted;
    throw error;
  } finally {
    display?.stop();
    // Calls whose results have come are about to end by themselves; after Ctrl-C there is nothing to wait for.
    if (!isInterrupted && !options.detach) await display?.last({ once: false });
    await endApp(app, session, options.detach).catch((error: unknown) => {
      say(pc.yellow(`warning: ${app.appName} could not be ended (${error instanceof Error ? error.message : error})`));
    });
    await quiet(() => lastLogAtMs, options.now);
    unfollow();
    await link.close();
    const progress = await display?.last({ once: options.detach });
    if (progress) say(summary(app, progress, options, options.now() - startedAtMs));
  }
}

/** What still runs is cancelled first: a stopped app would wait for it. */
async function endApp({ appId }: DeploymentView, { request }: Session, detach: boolean): Promise<void> {
  if (detach) return void (await request((api) => api.apps.detach.mutate({ id: appId })));
  await request((api) => api.calls.cancelMany.mutate({ appId }));
  await request((api) => api.apps.stop.mutate({ id: appId }));
}

function startDisplay(session: Session, appId: string, { now }: EphemeralOptions): ProgressWatch {
  const bar = process.stderr.isTTY ? startProgressBar(process) : undefined;
  const rate = new Rate();
  const watch = watchProgress(session, appId, (progress) => {
    rate.add(doneOf(progress.counts), now());
    bar?.update(progressLine(progress, rate.perSecond, (process.stderr.columns || 80) - 1));
  });
  return {
    ...watch,
    stop() {
      watch.stop();
      bar?.stop();
    },
  };
}

function summary(app: DeploymentView, progress: AppProgressView, { detach }: EphemeralOptions, tookMs: number): string {
  const end = detach ? ", left to finish its calls" : "";
  return pc.dim(`${app.appName}: ${countsText(progress)}, ${(tookMs / 1_000).toFixed(1)} s${end}`);
}

async function quiet(lastAtMs: () => number, now: () => number): Promise<void> {
  const beganMs = now();
  for (let nowMs = beganMs; nowMs - beganMs < LOG_PATIENCE_MS; nowMs = now()) {
    const waitMs = Math.max(beganMs, lastAtMs()) + LOG_QUIET_MS - nowMs;
    if (waitMs <= 0) return;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
