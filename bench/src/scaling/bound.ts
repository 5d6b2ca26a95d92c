/**
 * What a clairvoyant needs: a number of container-seconds below which no schedule can let nineteen of twenty inputs begin
 * within `waitMs` of their coming, whatever it knows of the future.
 *
 * It is the optimum of a relaxation, as a linear program over equal steps of time. Work is a fluid: it may be interrupted, and
 * containers may be fractions. n is the mean number of ready containers of a step, S the work done by its end. Work is not
 * done before it comes, `S <= A`, nor later than when every input begins at its last moment, `D <= S`; no step does more
 * than its containers can, `S - S' <= n * step`. Each rise of n costs the time of a start. One input in twenty may wait for
 * ever: D is without the largest ones of what has come, as many as a twentieth of all, and what is not done at the end costs
 * its own time. Means over a step rise no more than what they are the means of, and the curves are kept at the ends of
 * steps only, so coarse steps lower the bound and never raise it.
 */
import type { Arrivals } from "@bellows/orchestrator/simulation";
import type { Solver } from "./solver.ts";

export interface BoundOf {
  arrivals: Arrivals;
  /** Of equal length; enough for an hour when left out. */
  steps?: number;
  startMs: number;
  waitMs: number;
}

/** Of an hour, about two seconds each. For waits above half a second half a second each raises the bound of the recorded trace by 2 % or less. */
const STEPS = 1_500;
/** Beyond the 95th percentile, by the nearest rank. */
const WAITING_SHARE = 0.05;

/** @returns container-seconds. */
export function clairvoyantBound(solver: Solver, { arrivals, startMs, waitMs, steps = STEPS }: BoundOf): number {
  const latestMs = arrivals.atMs.length > 0 ? endOf(arrivals, waitMs) : 0;
  const step = latestMs / steps / 1_000;
  const earliest = workBy(arrivals, 0, { step, steps });
  const latest = workBy(arrivals, waitMs, { step, steps });
  const spared = sparedBy(arrivals, waitMs, { step, steps });
  const all = earliest[steps - 1] ?? 0;
  const cost: string[] = [];
  const rules: string[] = [];
  const bounds: string[] = [];
  for (let at = 0; at < steps; at++) {
    cost.push(`${step} n${at}`, `${startMs / 1_000} u${at}`);
    const before = at > 0 ? { work: ` - s${at - 1}`, ready: ` - n${at - 1}` } : { work: "", ready: "" };
    rules.push(`s${at}${before.work} - ${step} n${at} <= 0`, `n${at}${before.ready} - u${at} <= 0`);
    const come = earliest[at] ?? 0;
    const least = Math.max(0, Math.min(come, (latest[at] ?? 0) - (spared[at] ?? 0)));
    bounds.push(`${least} <= s${at} <= ${come + 1e-6}`);
  }
  const program = `Minimize\n ${cost.join("\n + ")}\n - s${steps - 1}\nSubject To\n ${rules.join("\n ")}\nBounds\n ${bounds.join("\n ")}\nEnd\n`;
  const { Status, ObjectiveValue } = solver.solve(program);
  if (Status !== "Optimal") throw new Error(`the bound for starts of ${startMs} ms has no answer: ${Status}`);
  return ObjectiveValue + all;
}

/** Work in seconds by the end of each step that those may be left with which may wait for ever. */
function sparedBy(
  { atMs, serviceMs }: Arrivals,
  waitMs: number,
  { step, steps }: { step: number; steps: number },
): Float64Array {
  const most = Math.floor(atMs.length * WAITING_SHARE);
  const largest: number[] = [];
  const spared = new Float64Array(steps);
  let sum = 0;
  for (let slot = 0, due = 0; slot < steps; slot++) {
    for (; due < atMs.length && ((atMs[due] ?? 0) + waitMs) / 1_000 < (slot + 1) * step; due++) {
      const length = (serviceMs[due] ?? 0) / 1_000;
      sum += length;
      insertSorted(largest, length);
      if (largest.length > most) sum -= largest.shift() ?? 0;
    }
    spared[slot] = sum;
  }
  return spared;
}

function insertSorted(ascending: number[], value: number): void {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  ascending.splice(low, 0, value);
}

function endOf({ atMs, serviceMs }: Arrivals, waitMs: number): number {
  let end = 0;
  for (let at = 0; at < atMs.length; at++) end = Math.max(end, (atMs[at] ?? 0) + waitMs + (serviceMs[at] ?? 0));
  return end;
}

/** Work in seconds by the end of each step, if every input begins `waitMs` after it came. */
function workBy(
  { atMs, serviceMs }: Arrivals,
  waitMs: number,
  { step, steps }: { step: number; steps: number },
): Float64Array {
  const work = new Float64Array(steps);
  for (let at = 0; at < atMs.length; at++) {
    const begin = ((atMs[at] ?? 0) + waitMs) / 1_000;
    const length = (serviceMs[at] ?? 0) / 1_000;
    for (let slot = Math.max(0, Math.ceil(begin / step) - 1); slot < steps; slot++) {
      const done = (slot + 1) * step - begin;
      work[slot] = (work[slot] ?? 0) + Math.min(length, Math.max(0, done));
    }
  }
  return work;
}
