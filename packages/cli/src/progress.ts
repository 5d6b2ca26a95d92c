/** How far an app's calls are, as one line. Pure: what is drawn where, and when, is `progress-bar.ts`. */
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { CallView, FunctionView } from "@bellows/protocol/views";

export interface Progress extends CallCounts {
  /** Inputs known so far; it grows while the source of a map is read. */
  total: number;
  queued: number;
  running: number;
  containers: number;
}

type CountedCall = Pick<CallView, "counts" | "inputCount" | "receivedCount">;
type CountedFunction = Pick<FunctionView, "stats">;

export function progressOf(calls: readonly CountedCall[], functions: readonly CountedFunction[]): Progress {
  const progress = { succeeded: 0, failed: 0, cancelled: 0, total: 0, queued: 0, running: 0, containers: 0 };
  for (const { counts, inputCount, receivedCount } of calls) {
    progress.succeeded += counts.succeeded;
    progress.failed += counts.failed;
    progress.cancelled += counts.cancelled;
    progress.total += inputCount ?? receivedCount;
  }
  for (const { stats } of functions) {
    progress.queued += stats.queued;
    progress.running += stats.running;
    progress.containers += stats.containers.starting + stats.containers.ready + stats.containers.draining;
  }
  return progress;
}

const RATE_WINDOW_MS = 5_000;

/** Finished inputs a second over the last few seconds, from samples of how many were done when. */
export class Rate {
  #samples: { atMs: number; done: number }[] = [];

  add(done: number, atMs: number): void {
    this.#samples.push({ atMs, done });
    this.#samples = this.#samples.filter((sample) => atMs - sample.atMs <= RATE_WINDOW_MS);
  }

  get perSecond(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs === first.atMs) return 0;
    return ((last.done - first.done) * 1_000) / (last.atMs - first.atMs);
  }
}

const BAR_CELLS = 24;

/** One line of at most `columns` characters; the bar goes first when there is no room. */
export function progressLine(progress: Progress, perSecond: number, columns: number): string {
  const done = doneOf(progress);
  const counts = [
    `${done}/${progress.total}`,
    `running ${progress.running}`,
    `queued ${progress.queued}`,
    ...notSucceeded(progress),
    rateText(perSecond),
    `containers ${progress.containers}`,
  ].join("  ");
  return withBar(done, progress.total, counts, columns);
}

type FollowedCall = CountedCall & Pick<CallView, "cancelAsked">;

/** The same of one call, whichever containers run it. */
export function callProgressLine(call: FollowedCall, perSecond: number, columns: number): string {
  return withBar(
    doneOf(call.counts),
    call.inputCount ?? call.receivedCount,
    callProgressText(call, perSecond),
    columns,
  );
}

/** How far a call is, in words. */
export function callProgressText(call: FollowedCall, perSecond: number): string {
  const done = doneOf(call.counts);
  const total = call.inputCount ?? call.receivedCount;
  const leftSeconds = perSecond > 0 && call.inputCount !== null ? (total - done) / perSecond : undefined;
  return [
    // While the source is still read, more will come.
    `${done}/${total}${call.inputCount === null ? "+" : ""}`,
    ...notSucceeded(call.counts),
    rateText(perSecond),
    ...(leftSeconds === undefined ? [] : [`${leftText(leftSeconds)} left`]),
    ...(call.cancelAsked ? ["cancelling"] : []),
  ].join("  ");
}

/** Inputs that have ended, however. */
export function doneOf({ succeeded, failed, cancelled }: CallCounts): number {
  return succeeded + failed + cancelled;
}

function notSucceeded({ failed, cancelled }: CallCounts): string[] {
  return [...(failed > 0 ? [`failed ${failed}`] : []), ...(cancelled > 0 ? [`cancelled ${cancelled}`] : [])];
}

/** Of a run that is over: such as `3 inputs, 2 succeeded, 1 cancelled`. */
export function countsText({ total, succeeded, failed, cancelled }: Progress): string {
  return [
    total === 1 ? "1 input" : `${total} inputs`,
    `${succeeded} succeeded`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
  ].join(", ");
}

function rateText(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
}

function leftText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}

function withBar(done: number, total: number, counts: string, columns: number): string {
  const filled = total === 0 ? 0 : Math.min(BAR_CELLS, Math.floor((done / total) * BAR_CELLS));
  const line = `${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)}  ${counts}`;
  return line.length <= columns ? line : counts.slice(0, columns);
}
