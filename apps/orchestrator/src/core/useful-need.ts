/**
 * What starting is worth, by measured times. While a container starts, each slot does a start time of work: what waits
 * beyond that gets containers of its own, the rest would be done before they are ready.
 *
 * Before the first run has ended nobody knows how long one takes: ten containers are started, or the square root of what is
 * wanted. Once the first ones run it takes at least as long as they have run, so what runs for long gets a container each
 * within a start time.
 *
 * Nothing waits for ever: while something waits and no slot is free at least one container is starting, and one more may
 * for every start time that the rest has been held back.
 */
import type { ScalingInputs } from "./autoscale.ts";

/** Before anything is known. */
const FIRST_AT_ONCE = 10;
/** Of containers that were found after a restart nobody saw the start. */
const ASSUMED_START_MS = 1_000;
/** While runs have not ended, how often in a start time it is asked again what their age says. */
const LOOKS_PER_START = 8;
/** Those that were started when the holding back began have had one of them to start and one to work. */
const OVERDUE_STARTS = 2;

/** What is remembered from one decision to the next; both are null when there is no such time. */
export interface HeldBack {
  /** Since when something is held back, or since the last one that was started all the same. */
  sinceMs: number | null;
  /** Since when something has run without a break. */
  runningSinceMs: number | null;
}

export interface UsefulNeed {
  need: number;
  /** When it may be more because of the time that has passed; infinite when it will not. */
  changesMs: number;
}

/** `wanted` without the containers that would be too late. */
export function usefulNeed(inputs: ScalingInputs, wanted: number, held: HeldBack): UsefulNeed {
  const { atMs, running, current, alone, singleUse, runMs } = inputs;
  if (running === 0) held.runningSinceMs = null;
  else held.runningSinceMs ??= atMs;
  // A container that does one unit does no work for the others while they start.
  const isEachForItself = alone || singleUse;
  let useful = all(wanted);
  if (wanted > current && !isEachForItself) {
    useful = runMs == null ? beforeTheFirstEnd(inputs, wanted, held) : byTimes(inputs, runMs, wanted, held);
  }
  if (useful.need >= wanted) held.sinceMs = null;
  return useful;
}

/** It is looked at again while the first ones run. */
function beforeTheFirstEnd(inputs: ScalingInputs, wanted: number, held: HeldBack): UsefulNeed {
  const { atMs } = inputs;
  const startMs = inputs.startMs || ASSUMED_START_MS;
  const ageMs = atMs - (held.runningSinceMs ?? atMs);
  const need = Math.max(FIRST_AT_ONCE, Math.ceil(Math.sqrt(wanted)), worthStarting(inputs, ageMs / startMs));
  if (need >= wanted || held.runningSinceMs === null) return { ...all(wanted), need: Math.min(need, wanted) };
  return { need, changesMs: atMs + startMs / LOOKS_PER_START };
}

function byTimes(inputs: ScalingInputs, runMs: number, wanted: number, held: HeldBack): UsefulNeed {
  const { atMs, current, startMs } = inputs;
  // A start that nobody saw, or that took no time, tells nothing.
  const need = startMs ? worthStarting(inputs, runMs / startMs) : wanted;
  if (!startMs || need >= wanted) return all(wanted);
  held.sinceMs ??= atMs;
  // The present ones should have done it by now: the times were wrong, or a start hangs.
  const isOverdue = atMs - held.sinceMs >= OVERDUE_STARTS * startMs;
  if (isOverdue) held.sinceMs = atMs;
  return { need: isOverdue ? Math.max(need, current + 1) : need, changesMs: held.sinceMs + OVERDUE_STARTS * startMs };
}

/** Where each unit that waits is so many start times of work. More than what runs, while anything waits. */
function worthStarting({ settings, queued, running }: ScalingInputs, startsOfWork: number): number {
  const { targetInputs, bufferContainers } = settings;
  const least = queued > 0 ? Math.floor(running / targetInputs) + 1 : 1;
  return Math.max(least, Math.ceil((running + queued * startsOfWork) / targetInputs)) + bufferContainers;
}

function all(wanted: number): UsefulNeed {
  return { need: wanted, changesMs: Number.POSITIVE_INFINITY };
}
