/** How far an app's calls are, as one line. Pure: what is drawn where, and when, is `progress-bar.ts`. */
import type { CallView } from "@bellows/protocol/call-views";
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { AppProgressView } from "@bellows/protocol/views";

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
export function progressLine(progress: AppProgressView, perSecond: number, columns: number): string {
  const done = doneOf(progress.counts);
  const counts = [
    `${done}/${progress.inputs}`,
    `running ${progress.running}`,
    `queued ${progress.queued}`,
    ...notSucceeded(progress.counts),
    rateText(perSecond),
    `containers ${progress.liveContainers}`,
  ].join("  ");
  return withBar(done, progress.inputs, counts, columns);
}

type FollowedCall = Pick<CallView, "counts" | "inputCount" | "receivedCount" | "cancelAsked">;

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
export function countsText({ inputs, counts }: Pick<AppProgressView, "inputs" | "counts">): string {
  const { succeeded, failed, cancelled } = counts;
  return [
    inputs === 1 ? "1 input" : `${inputs} inputs`,
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
