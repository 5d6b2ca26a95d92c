/** A comparison in words: one line for each contender, cheapest first, and what it says of the goals. */
import { CURVE_WINDOW, type Curve } from "./curve.ts";
import { type Comparison, isBetter, type Row } from "./measure.ts";
import { CONTENDERS } from "./policies.ts";

const WIDTHS = [24, 9, 9, 9, 8, 8, 12, 8] as const;

export function tableOf({ trace, startMs, rows }: Comparison): string {
  const title = `${trace.name}: ${trace.title}; a start takes ${startMs / 1_000} s`;
  const header = line("policy", "p50 wait", "p95", "p99", "cold", "starts", "container-s", "x bound", "better on both");
  const cheapestFirst = [...rows].sort((a, b) => a.result.containerSeconds - b.result.containerSeconds);
  return [title, header, ...cheapestFirst.map(rowText), ""].join("\n");
}

function rowText({ contender, result, starts, ratio, dominatedBy }: Row): string {
  const { waitMs, coldStarts, containerSeconds } = result;
  return line(
    `${contender.isOurs ? "*" : " "} ${contender.name}`,
    waitText(waitMs.p50),
    waitText(waitMs.p95),
    waitText(waitMs.p99),
    coldStarts.toLocaleString("en"),
    starts.toLocaleString("en"),
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

/** A line for each number of containers, and for each start time what it waits, what it costs, and that in bounds. */
export function curveTableOf(curves: readonly Curve[]): string {
  const starts = curves.map(({ startMs }) => `a start takes ${startMs / 1_000} s`.padStart(26));
  const lines = (curves[0]?.points ?? []).map(({ maxContainers }, at) => {
    const cells = curves.map(({ points }) => points[at]).map((point) => (point ? curveCell(point) : ""));
    return `${String(maxContainers).padStart(6)} ${cells.join(" ")}`;
  });
  const title = `Bellows with at most so many containers and scaledownWindow ${CURVE_WINDOW}: p95, container-s, x bound`;
  return [title, `${" ".repeat(6)} ${starts.join(" ")}`, ...lines, ""].join("\n");
}

function curveCell({ result, ratio }: Curve["points"][number]): string {
  const cost = Math.round(result.containerSeconds).toLocaleString("en");
  return `${waitText(result.waitMs.p95).padStart(9)}${cost.padStart(10)}${ratio.toFixed(2).padStart(7)}`;
}

/** In bounds at the same p95, on the real trace. */
const GOAL = 1.5;

/** How far the goals are reached: no peer better on both axes anywhere, and within 1.5 times the bound on the real trace. */
export function verdictOf(comparisons: readonly Comparison[], curves: readonly Curve[], realTrace: string): string {
  const ours = CONTENDERS.filter(({ isOurs }) => isOurs);
  const reached = curves.map(({ points }) => points.findLast(({ ratio }) => ratio <= GOAL));
  const where = reached.map((point) =>
    point ? `${point.maxContainers} (p95 ${waitText(point.result.waitMs.p95)}, ${point.ratio.toFixed(2)})` : "none",
  );
  return [
    ...ours.map(({ name }) => verdictOn(name, comparisons, realTrace)),
    `Within ${GOAL} bounds on ${realTrace} with at most ${where.join(", ")} containers and scaledownWindow ${CURVE_WINDOW}`,
  ].join("\n");
}

function verdictOn(name: string, comparisons: readonly Comparison[], realTrace: string): string {
  const pairs = comparisons.flatMap(({ trace, startMs, rows }) => {
    const own = rows.find(({ contender }) => contender.name === name);
    const peers = rows.filter(({ contender }) => !contender.isOurs);
    return own ? peers.map((peer) => ({ own, peer, at: `${trace.name} at ${startMs / 1_000} s` })) : [];
  });
  const lost = pairs
    .filter(({ own, peer }) => isBetter(peer.result, own.result))
    .map(({ at, peer }) => `${peer.contender.name} on ${at}`);
  const won = pairs.filter(({ own, peer }) => isBetter(own.result, peer.result)).length;
  const real = comparisons.filter(({ trace }) => trace.name === realTrace);
  const ratios = real.map(({ rows }) => rows.find(({ contender }) => contender.name === name)?.ratio ?? 0);
  return [
    `${name}: better on both axes in ${won} of ${pairs.length} comparisons with a peer`,
    `  a peer is better on both: ${lost.length === 0 ? "never" : lost.join(", ")}`,
    `  cost on ${realTrace} in bounds at the same p95: ${ratios.map((ratio) => ratio.toFixed(2)).join(", ")}`,
  ].join("\n");
}
