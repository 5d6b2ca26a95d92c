/** One measured number: what a line of the table and an entry of the JSON file hold. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What it is compared with, measured in the same run. */
  against?: { name: string; value: number };
  /** How many times better than `against`: above 1 is better, whichever direction the unit has. */
  ratio?: number;
  /** What it is to reach: at least this ratio, or at most this value. */
  goal?: { ratio: number } | { atMost: number };
  reached?: boolean;
}

/** A line of the table for what could not be measured here, and how it could be. */
export interface LeftOut {
  name: string;
  leftOut: string;
}

export type Line = Figure | LeftOut;

/** A figure beside its peer. `better` says whether more or less of the unit is better. */
export function compared(
  figure: { name: string; value: number; unit: string },
  peer: { name: string; value: number },
  better: "more" | "less",
  goalRatio?: number,
): Figure {
  const ratio = better === "more" ? figure.value / peer.value : peer.value / figure.value;
  const line: Figure = { ...figure, against: peer, ratio };
  return goalRatio === undefined ? line : { ...line, goal: { ratio: goalRatio }, reached: ratio >= goalRatio };
}

export function bounded(figure: { name: string; value: number; unit: string }, atMost: number): Figure {
  return { ...figure, goal: { atMost }, reached: figure.value <= atMost };
}

/** The value below which a share of the sorted samples lies; nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

export function textOf(line: Line): string {
  const name = line.name.padEnd(46);
  if ("leftOut" in line) return `${name} left out: ${line.leftOut}`;
  const { value, unit, against, ratio, goal, reached } = line;
  const own = `${name} ${shown(value).padStart(10)} ${unit.padEnd(9)}`;
  const times = ratio === undefined ? "" : `${shown(ratio)}x`;
  const aim = goal ? ("ratio" in goal ? `>= ${shown(goal.ratio)}x` : `<= ${shown(goal.atMost)}`) : "";
  const verdict = reached === undefined ? "" : reached ? "reached" : "missed";
  const peer = against ? `against ${shown(against.value)} ${unit} of ${against.name}` : "";
  return `${own} ${times.padStart(7)} ${aim.padStart(9)} ${verdict.padEnd(8)} ${peer}`.trimEnd();
}

function shown(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString("en");
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
