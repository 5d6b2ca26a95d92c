/**
 * Waiting against cost as an SVG: one panel for each start time, one point for each contender, and the line that no
 * schedule gets below. Down and to the left is better. Both axes are logarithmic; less than 10 ms is drawn as 10.
 */
import type { Curve } from "./curve.ts";
import type { Comparison, Measured, Row } from "./measure.ts";
import { CONTENDERS, type Contender } from "./policies.ts";
import { waitText } from "./table.ts";

const PANEL = { width: 340, height: 300, gap: 74 };
const MARGIN = { top: 118, right: 24, bottom: 62, left: 76 };
const LEAST_WAIT_MS = 10;
const MOST_WAIT_MS = 200_000;
const WAIT_TICKS_MS = [10, 100, 1_000, 10_000, 100_000];
const INK = "#0f172a";
const SOFT = "#475569";
const QUIET = "#94a3b8";
const GRID = "#e2e8f0";

export function plotOf(comparisons: readonly Comparison[], curves: readonly Curve[]): string {
  const [first] = comparisons;
  if (!first) return "";
  const width = MARGIN.left + comparisons.length * (PANEL.width + PANEL.gap) - PANEL.gap + MARGIN.right;
  const height = MARGIN.top + PANEL.height + MARGIN.bottom;
  const panels = comparisons.map((comparison, at) =>
    panel(comparison, curves[at]?.points ?? [], MARGIN.left + at * (PANEL.width + PANEL.gap)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-sans-serif, system-ui, Helvetica, Arial, sans-serif" font-size="11" role="img" aria-label="Waiting against cost: ${first.trace.name}">`,
    `<title>Waiting against cost: ${first.trace.name}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN.left, 26, `Waiting against cost: ${first.trace.name}`, { size: 16, weight: 600, fill: INK }),
    text(MARGIN.left, 44, `${first.trace.title}; down and to the left is better`, { fill: SOFT, size: 12 }),
    ...legend(first.rows, 74),
    ...panels,
    "</svg>\n",
  ].join("\n");
}

interface Scale {
  x: (seconds: number) => number;
  y: (waitMs: number) => number;
}

function panel({ startMs, rows }: Comparison, curve: Curve["points"], left: number): string {
  const measured: Measured[] = [...rows, ...curve];
  const costs = measured.flatMap(({ result, boundSeconds }) => [result.containerSeconds, boundSeconds]);
  const [low, high] = [Math.log10(Math.min(...costs) / 1.15), Math.log10(Math.max(...costs) * 1.25)];
  const most = Math.log10(MOST_WAIT_MS);
  const least = Math.log10(LEAST_WAIT_MS);
  const top = MARGIN.top;
  const scale: Scale = {
    x: (seconds) => left + (PANEL.width * (Math.log10(seconds) - low)) / (high - low),
    y: (waitMs) => top + PANEL.height * (1 - (Math.log10(Math.max(LEAST_WAIT_MS, waitMs)) - least) / (most - least)),
  };
  return [
    text(left, top - 12, `a start takes ${startMs / 1_000} s`, { weight: 600, fill: INK, size: 12 }),
    left === MARGIN.left ? text(left - 8, top - 12, "p95 wait", { anchor: "end", fill: SOFT }) : "",
    ...WAIT_TICKS_MS.map((waitMs) => waitTick(scale, waitMs, left)),
    ...costTicks(low, high).map((seconds) => costTick(scale, seconds, top)),
    text(left + PANEL.width / 2, top + PANEL.height + 42, "container-seconds, from the request of a start to the end", {
      anchor: "middle",
      fill: SOFT,
    }),
    boundLine(measured, scale),
    curveLine(curve, scale),
    ...points(rows, scale),
  ].join("\n");
}

function waitTick({ y }: Scale, waitMs: number, left: number): string {
  const label = waitMs === LEAST_WAIT_MS ? "≤ 10 ms" : waitText(waitMs);
  const line = `<path d="M${left} ${round(y(waitMs))}h${PANEL.width}" stroke="${GRID}"/>`;
  return line + text(left - 8, y(waitMs) + 4, label, { anchor: "end", fill: SOFT });
}

/** 1, 2 and 5 of each power of ten. */
function costTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of [1, 2, 5]) ticks.push(digit * 10 ** power);
  }
  return ticks.filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
}

function costTick({ x }: Scale, seconds: number, top: number): string {
  const line = `<path d="M${round(x(seconds))} ${top}v${PANEL.height}" stroke="${GRID}"/>`;
  const label = seconds >= 1_000 ? `${seconds / 1_000}k` : String(seconds);
  return line + text(x(seconds), top + PANEL.height + 18, label, { anchor: "middle", fill: SOFT });
}

function boundLine(rows: readonly Measured[], { x, y }: Scale): string {
  const points = rows
    .map(({ result, boundSeconds }) => ({ waitMs: result.waitMs.p95, boundSeconds }))
    .sort((a, b) => a.waitMs - b.waitMs);
  const path = points.map(({ waitMs, boundSeconds }) => `${round(x(boundSeconds))} ${round(y(waitMs))}`).join("L");
  const end = points[0];
  const label = end
    ? text(x(end.boundSeconds) + 8, y(end.waitMs) + 4, "clairvoyant bound", { fill: QUIET, style: "italic" })
    : "";
  return `<path d="M${path}" fill="none" stroke="${QUIET}" stroke-width="1.5" stroke-dasharray="5 4"/>${label}`;
}

/** With fewer and fewer containers it waits longer and costs less. */
function curveLine(curve: Curve["points"], { x, y }: Scale): string {
  const labelled = curve[2];
  if (!labelled) return "";
  const at = ({ result }: Measured) => ({ left: x(result.containerSeconds), top: y(result.waitMs.p95) });
  const path = curve.map(at).map(({ left, top }) => `${round(left)} ${round(top)}`);
  const colour = CONTENDERS.find(({ isOurs }) => isOurs)?.colour;
  const label = at(labelled);
  return (
    `<path d="M${path.join("L")}" fill="none" stroke="${colour}" stroke-width="1.5"/>` +
    text(label.left + 8, label.top - 5, "Bellows with fewer containers", { fill: SOFT, style: "italic" })
  );
}

/** Ours last, the one with the defaults at the very end, so that it lies on top. */
function points(rows: readonly Row[], { x, y }: Scale): string[] {
  const oursLast = [...rows].reverse().sort((a, b) => Number(a.contender.isOurs) - Number(b.contender.isOurs));
  return oursLast.map(({ contender, result }) => dot(contender, x(result.containerSeconds), y(result.waitMs.p95)));
}

/** A diamond for ours, a disc for a peer. */
function dot({ isOurs, colour, name }: Contender, x: number, y: number): string {
  const shape = isOurs
    ? `<path d="M${round(x)} ${round(y - 8)}l8 8l-8 8l-8 -8z"`
    : `<circle cx="${round(x)}" cy="${round(y)}" r="5.5"`;
  return `${shape} fill="${colour}" stroke="#ffffff" stroke-width="1.5"><title>${name}</title>${isOurs ? "</path>" : "</circle>"}`;
}

/** One line of names, ours first. */
function legend(rows: readonly Row[], top: number): string[] {
  let left = MARGIN.left + 8;
  return rows.map(({ contender }) => {
    const at = left;
    left += contender.name.length * 7 + 36;
    const weight = contender.isOurs ? 600 : 400;
    return dot(contender, at, top) + text(at + 13, top + 4, contender.name, { fill: INK, weight, size: 12 });
  });
}

interface TextStyle {
  anchor?: "start" | "middle" | "end";
  fill?: string;
  size?: number;
  weight?: number;
  style?: "italic";
}

function text(x: number, y: number, content: string, { anchor, fill, size, weight, style }: TextStyle): string {
  const attributes = [
    `x="${round(x)}" y="${round(y)}"`,
    anchor && `text-anchor="${anchor}"`,
    fill && `fill="${fill}"`,
    size && `font-size="${size}"`,
    weight && `font-weight="${weight}"`,
    style && `font-style="${style}"`,
  ];
  return `<text ${attributes.filter(Boolean).join(" ")}>${content.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
