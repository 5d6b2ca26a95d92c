/** One measured number: what a line of the table and an entry of the JSON file hold. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What it is compared with, measured in the same run. */
  against?: { name: string; value: number };
  /** How many times better than `against`: above 1 is better, whichever direction the unit has. */
  ratio?: number;
}

/** A figure beside its peer. `better` says whether more or less of the unit is better. */
export function compared(
  figure: { name: string; value: number; unit: string },
  peer: { name: string; value: number },
  better: "more" | "less",
): Figure {
  const ratio = better === "more" ? figure.value / peer.value : peer.value / figure.value;
  return { ...figure, against: peer, ratio };
}

/** The value below which a share of the sorted samples lies; nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export function lineOf({ name, value, unit, against, ratio }: Figure): string {
  const own = `${name.padEnd(44)} ${shown(value).padStart(10)} ${unit.padEnd(9)}`;
  if (!against || ratio === undefined) return own.trimEnd();
  return `${own} ${`${shown(ratio)}x`.padStart(7)} against ${against.name} ${shown(against.value)} ${unit}`;
}

function shown(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString("en");
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
