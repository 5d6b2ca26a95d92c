/**
 * What starting is worth, by measured times. While a container starts, each slot does a start time of work: what waits
 * beyond that gets containers of its own, the rest would be done before they are ready.
 *
 * A run takes as long as the last fifty did on average, and those that run now count with them: as long as nothing has ended
 * they take at least that long. Before the first run has ended only their age is known, and before the first one begins
 * nothing: ten containers are started, or the square root of what is wanted.
 *
 * Starts may hang, and times may be wrong: what has been held back for two start times gets one container more, and one
 * more after each two.
 */
import type { ScalingInputs } from "./autoscale.ts";
import { RUNS_IN_MEAN } from "./measured-times.ts";

/** Before anything is known. */
const FIRST_AT_ONCE = 10;
/** Before a start was seen: of the first container, and of those that were found after a restart. */
export const ASSUMED_START_MS = 10_000;
/** How often in a start time it is asked again what the age of the runs says. */
const LOOKS_PER_START = 8;
/** Those that were started when the holding back began have had one of them to start and one to work. */
const OVERDUE_STARTS = 2;

/** What is remembered from one decision to the next; the times are null when there is no such time. */
export interface HeldBack {
  /** Since when something is held back, or since the last one that was started all the same was asked for. */
  sinceMs: number | null;
  /** How many containers there have to be before it is overdue again; zero when it is not. */
  overdue: number;
  /** Since when something has run without a break. */
  runningSinceMs: number | null;
}

export interface UsefulNeed {
  need: number;
  /** When it may be more because of the time that has passed; infinite when it will not. */
  changesMs: number;
}

export function nothingHeldBack(): HeldBack {
  return { sinceMs: null, overdue: 0, runningSinceMs: null };
}

/** `wanted` without the containers that would be too late. */
export function usefulNeed(inputs: ScalingInputs, wanted: number, held: HeldBack): UsefulNeed {
  const { atMs, running, current, singleUse, runMs } = inputs;
  if (running === 0) held.runningSinceMs = null;
  else held.runningSinceMs ??= atMs;
  const startMs = inputs.startMs || ASSUMED_START_MS;
  const run = runTimeOf(inputs, held, startMs);
  const least = runMs == null ? Math.max(FIRST_AT_ONCE, Math.ceil(Math.sqrt(wanted))) : 1;
  const need = Math.max(least, worthStarting(inputs, run.meanMs / startMs));
  // A container that does one unit does no work for the others while they start.
  if (singleUse || wanted <= current || need >= wanted) {
    held.sinceMs = null;
    held.overdue = 0;
    return { need: wanted, changesMs: Number.POSITIVE_INFINITY };
  }
  const overdueMs = noteOverdue(held, atMs, current, OVERDUE_STARTS * startMs);
  return { need: Math.max(need, held.overdue), changesMs: Math.min(run.changesMs, overdueMs) };
}

/** By what has ended and by what has not; and when it may be longer although nothing happens. */
function runTimeOf(inputs: ScalingInputs, { runningSinceMs }: HeldBack, startMs: number) {
  const { atMs, running, runEndedMs, runsMeasured = 0 } = inputs;
  const runMs = inputs.runMs ?? 0;
  if (runningSinceMs === null) return { meanMs: runMs, changesMs: Number.POSITIVE_INFINITY };
  const sinceMs = Math.max(runningSinceMs, runEndedMs ?? runningSinceMs);
  if (atMs < sinceMs + runMs) return { meanMs: runMs, changesMs: sinceMs + runMs };
  const ended = Math.min(runsMeasured, RUNS_IN_MEAN);
  const meanMs = (ended * runMs + running * (atMs - sinceMs)) / (ended + running);
  return { meanMs, changesMs: atMs + startMs / LOOKS_PER_START };
}

/** The demand for one more stands until it is there. @returns when it will be overdue. */
function noteOverdue(held: HeldBack, atMs: number, current: number, patienceMs: number): number {
  if (held.overdue > 0 && current >= held.overdue) {
    held.overdue = 0;
    held.sinceMs = atMs;
  }
  held.sinceMs ??= atMs;
  if (held.overdue === 0 && atMs - held.sinceMs >= patienceMs) held.overdue = current + 1;
  return held.overdue > 0 ? Number.POSITIVE_INFINITY : held.sinceMs + patienceMs;
}

/** Where each unit that waits is so many start times of work. More than what runs, while anything waits. */
function worthStarting({ settings, queued, running, alone = 0 }: ScalingInputs, startsOfWork: number): number {
  const { targetInputs, bufferContainers } = settings;
  // Those that need a container each wait first.
  const [waiting, shared] = [Math.max(0, queued - alone), running - Math.max(0, alone - queued)];
  const least = waiting > 0 ? Math.floor(shared / targetInputs) + 1 : 1;
  return alone + Math.max(least, Math.ceil((shared + waiting * startsOfWork) / targetInputs)) + bufferContainers;
}
