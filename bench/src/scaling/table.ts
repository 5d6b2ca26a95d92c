/** A comparison in words: one line for each contender, cheapest first, and what it says of the goals. */
import type { Comparison, Row } from "./measure.ts";

const WIDTHS = [24, 9, 9, 9, 8, 12, 8] as const;

export function tableOf({ trace, startMs, rows }: Comparison): string {
  const title = `${trace.name}: ${trace.title}; a start takes ${startMs / 1_000} s`;
  const header = line("policy", "p50 wait", "p95", "p99", "cold", "container-s", "x bound", "better on both");
  const cheapestFirst = [...rows].sort((a, b) => a.result.containerSeconds - b.result.containerSeconds);
  return [title, header, ...cheapestFirst.map(rowText), ""].join("\n");
}

function rowText({ contender, result, ratio, dominatedBy }: Row): string {
  const { waitMs, coldStarts, containerSeconds } = result;
  return line(
    `${contender.isOurs ? "*" : " "} ${contender.name}`,
    waitText(waitMs.p50),
    waitText(waitMs.p95),
    waitText(waitMs.p99),
    coldStarts.toLocaleString("en"),
    Math.round(containerSeconds).toLocaleString("en"),
    ratio.toFixed(2),
    dominatedBy ?? "-",
  );
}

function line(...cells: string[]): string {
  return cells
    .map((cell, at) =>
      at === 0 ? cell.padEnd(WIDTHS[0]) : at < WIDTHS.length ? cell.padStart(WIDTHS[at] ?? 0) : `  ${cell}`,
    )
    .join(" ");
}

/** Such as `0 ms`, `135 ms`, `1.7 s`, `55 s`. */
export function waitText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** How far the goals are reached: no peer better on both axes anywhere, and within 1.5 times the bound on the real trace. */
export function verdictOf(comparisons: readonly Comparison[], realTrace: string): string {
  const ours = comparisons.flatMap(({ trace, startMs, rows }) => {
    return rows.filter(({ contender }) => contender.isOurs).map((row) => ({ trace, startMs, row, rows }));
  });
  const lost = ours.filter(({ row, rows }) => rows.some((other) => !other.contender.isOurs && isBeaten(row, other)));
  const wins = ours.flatMap(({ row, rows }) => rows.filter((other) => !other.contender.isOurs && isBeaten(other, row)));
  const real = ours.filter(({ trace }) => trace.name === realTrace);
  const ratios = real.map(
    ({ row, startMs }) => `${row.contender.name} at ${startMs / 1_000} s: ${row.ratio.toFixed(2)}`,
  );
  const within = real.every(({ row }) => row.ratio <= 1.5);
  return [
    `peers better on both axes than Bellows: ${lost.length} of ${ours.length} settings` +
      (lost.length === 0
        ? "; goal reached"
        : `; goal missed: ${lost.map(({ trace, startMs, row }) => `${row.contender.name} on ${trace.name} at ${startMs / 1_000} s`).join(", ")}`),
    `Bellows better on both axes than a peer: ${wins.length} times`,
    `container-seconds on the real trace, in bounds at the same p95: ${ratios.join("; ")}; goal <= 1.5 ${within ? "reached" : "missed"}`,
  ].join("\n");
}

function isBeaten({ result }: Row, by: Row): boolean {
  return by.result.waitMs.p95 < result.waitMs.p95 && by.result.containerSeconds < result.containerSeconds;
}
