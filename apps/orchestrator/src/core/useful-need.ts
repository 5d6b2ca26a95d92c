/**
 * What starting is worth, by measured times. While a container starts, each slot does a start time of work: what waits
 * beyond that gets containers of its own, the rest would be done before they are ready.
 *
 * What runs above the target of its container counts as what waits, until that has lasted for two runs: a burst is over by
 * then, and a load that stays gets the containers that it is to have.
 *
 * A run takes as long as about the last fifty did on average, and those that run now count with them: as long as nothing has ended
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
/** For so many runs what is above the target may be a burst. */
const BURST_RUNS = 2;

/** What is remembered from one decision to the next; the times are null when there is no such time. */
export interface HeldBack {
  /** Since when something is held back, or since the last one that was started all the same was asked for. */
  sinceMs: number | null;
  /** How many containers there have to be before it is overdue again; zero when it is not. */
  overdue: number;
  /** Since when something has run without a break. */
  runningSinceMs: number | null;
  /** Since when more has run than the target of those that are up. */
  aboveSinceMs: number | null;
}

export interface UsefulNeed {
  need: number;
  /** As how long a run was taken, by those that have ended and those that have not; null while nothing is known. */
  runMs: number | null;
  /** When it may be more because of the time that has passed; infinite when it will not. */
  changesMs: number;
}

export function nothingHeldBack(): HeldBack {
  return { sinceMs: null, overdue: 0, runningSinceMs: null, aboveSinceMs: null };
}

/** `wanted` without the containers that would be too late. */
export function usefulNeed(inputs: ScalingInputs, wanted: number, held: HeldBack): UsefulNeed {
  const { atMs, running, current, singleUse } = inputs;
  if (running === 0) held.runningSinceMs = null;
  else held.runningSinceMs ??= atMs;
  const startMs = inputs.startMs || ASSUMED_START_MS;
  const run = runTimeOf(inputs, held, startMs);
  const burst = burstOf(inputs, held);
  const runMs = inputs.runMs == null ? null : run.meanMs;
  const worth = worthStarting(inputs, burst.running, run.meanMs / startMs);
  const need = Math.max(worth, runMs === null ? leastUnknown(inputs, wanted) : 1);
  // A container that does one unit does no work for the others while they start.
  if (singleUse || wanted <= current || need >= wanted) {
    held.sinceMs = null;
    held.overdue = 0;
    return { need: wanted, runMs, changesMs: Number.POSITIVE_INFINITY };
  }
  const overdueMs = noteOverdue(held, atMs, current, OVERDUE_STARTS * startMs);
  return {
    // What was overdue may have been more than is wanted by now.
    need: Math.min(wanted, Math.max(need, held.overdue)),
    runMs,
    changesMs: Math.min(run.changesMs, burst.changesMs, overdueMs),
  };
}

function leastUnknown({ settings }: ScalingInputs, wanted: number): number {
  return Math.max(FIRST_AT_ONCE, Math.ceil(Math.sqrt(wanted))) + settings.bufferContainers;
}

/** What runs above the target, as long as it may be a burst; and when it is none any more although nothing happens. */
function burstOf(inputs: ScalingInputs, held: HeldBack) {
  const { atMs, settings, running, started } = inputs;
  const above = Math.max(0, running - started * settings.targetInputs);
  if (above === 0) held.aboveSinceMs = null;
  else held.aboveSinceMs ??= atMs;
  const untilMs = (held.aboveSinceMs ?? atMs) + BURST_RUNS * (inputs.runMs ?? 0);
  return above > 0 && atMs < untilMs
    ? { running: above, changesMs: untilMs }
    : { running: 0, changesMs: Number.POSITIVE_INFINITY };
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

/** Where each unit that waits, or runs as a burst, is so many start times of work. More than what runs, while anything waits. */
function worthStarting(inputs: ScalingInputs, burst: number, startsOfWork: number): number {
  const { settings, queued, running, alone = 0 } = inputs;
  const { targetInputs, bufferContainers } = settings;
  // Those that need a container each wait first.
  const waiting = Math.max(0, queued - alone);
  const steady = running - burst;
  const least = waiting > 0 ? Math.floor(steady / targetInputs) + 1 : 1;
  const worth = Math.ceil((steady + (waiting + burst) * startsOfWork) / targetInputs);
  return alone + Math.max(least, worth) + bufferContainers;
}
