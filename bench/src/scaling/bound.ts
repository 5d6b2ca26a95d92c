/**
 * What a clairvoyant needs: a number of container-seconds below which no schedule can let nineteen of twenty inputs begin
 * within `waitMs` of their coming, whatever it knows of the future.
 *
 * It is the optimum of a relaxation, as a linear program over equal steps of time. Work is a fluid: it may be interrupted, and
 * containers may be fractions. n is the mean number of ready containers of a step, S the work done by its end. Work is not
 * done before it comes, `S <= A`, nor later than when every input begins at its last moment, `D <= S`; no step does more
 * than its containers can, `S - S' <= n * step`. Each rise of n costs the time of a start. One input in twenty may wait for
 * ever: W is what those are in work, `D - W <= S`, of each step no more than what is due in it from then on, and so many of
 * the largest there that they make a twentieth of all in the end; what is not done at the end costs its own time. Means over a step rise no more than what they are the means of, and the curves are kept at the ends of
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

/** Of an hour, about two seconds each. */
const STEPS = 1_500;
/** Beyond the 95th percentile, by the nearest rank. */
const WAITING_SHARE = 0.05;
const NOTHING_BEFORE = { work: "", ready: "", spared: "" };

/** @returns container-seconds. */
export function clairvoyantBound(solver: Solver, { arrivals, startMs, waitMs, steps = STEPS }: BoundOf): number {
  const latestMs = arrivals.atMs.length > 0 ? endOf(arrivals, waitMs) : 0;
  const step = latestMs / steps / 1_000;
  const earliest = workBy(arrivals, 0, { step, steps });
  const latest = workBy(arrivals, waitMs, { step, steps });
  const due = dueBy(arrivals, waitMs, { step, steps });
  const all = earliest[steps - 1] ?? 0;
  const cost: string[] = [];
  const rules: string[] = [];
  const bounds: string[] = [];
  const spared: string[] = [];
  for (let at = 0; at < steps; at++) {
    cost.push(`${step} n${at}`, `${startMs / 1_000} u${at}`);
    const before = at > 0 ? { work: ` - s${at - 1}`, ready: ` - n${at - 1}`, spared: ` - w${at - 1}` } : NOTHING_BEFORE;
    const come = earliest[at] ?? 0;
    const { work, largest } = due[at] ?? { work: 0, largest: 0 };
    rules.push(
      `s${at}${before.work} - ${step} n${at} <= 0`,
      `n${at}${before.ready} - u${at} <= 0`,
      `s${at} + w${at} >= ${Math.min(come, latest[at] ?? 0)}`,
      `w${at}${before.spared} - v${at} = 0`,
    );
    bounds.push(`0 <= s${at} <= ${come + 1e-6}`, `0 <= v${at} <= ${work}`);
    if (largest > 0) spared.push(`${1 / largest} v${at}`);
  }
  if (spared.length > 0) rules.push(`${spared.join(" + ")} <= ${Math.floor(arrivals.atMs.length * WAITING_SHARE)}`);
  const program = `Minimize\n ${cost.join("\n + ")}\n - s${steps - 1}\nSubject To\n ${rules.join("\n ")}\nBounds\n ${bounds.join("\n ")}\nEnd\n`;
  const { Status, ObjectiveValue } = solver.solve(program);
  if (Status !== "Optimal") throw new Error(`the bound for starts of ${startMs} ms has no answer: ${Status}`);
  return ObjectiveValue + all;
}

/** Of the inputs whose last moment to begin is in each step: all of their work, and the largest of them, in seconds. */
function dueBy(
  { atMs, serviceMs }: Arrivals,
  waitMs: number,
  { step, steps }: { step: number; steps: number },
): { work: number; largest: number }[] {
  const due = Array.from({ length: steps }, () => ({ work: 0, largest: 0 }));
  for (let at = 0; at < atMs.length; at++) {
    const slot = due[Math.min(steps - 1, Math.floor(((atMs[at] ?? 0) + waitMs) / 1_000 / step))];
    const length = (serviceMs[at] ?? 0) / 1_000;
    if (!slot) continue;
    slot.work += length;
    slot.largest = Math.max(slot.largest, length);
  }
  return due;
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
