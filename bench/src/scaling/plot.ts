/**
 * Waiting against cost as an SVG: one panel for each start time, one point for each contender, and the line that no
 * schedule gets below. Down and to the left is better. Both axes are logarithmic; less than 10 ms is drawn as 10.
 */
import type { Comparison, Row } from "./measure.ts";
import { waitText } from "./table.ts";

const PANEL = { width: 340, height: 300, gap: 58 };
const MARGIN = { top: 78, right: 24, bottom: 62, left: 64 };
const LEAST_WAIT_MS = 10;
const WAIT_TICKS_MS = [10, 100, 1_000, 10_000, 100_000];
const OURS = "#c2410c";
const PEER = "#475569";
const QUIET = "#94a3b8";
const GRID = "#e2e8f0";

export function plotOf(comparisons: readonly Comparison[]): string {
  const [first] = comparisons;
  if (!first) return "";
  const width = MARGIN.left + comparisons.length * (PANEL.width + PANEL.gap) - PANEL.gap + MARGIN.right;
  const height = MARGIN.top + PANEL.height + MARGIN.bottom;
  const panels = comparisons.map((comparison, at) => panel(comparison, MARGIN.left + at * (PANEL.width + PANEL.gap)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-sans-serif, system-ui, Helvetica, Arial, sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN.left, 26, `Waiting against cost: ${first.trace.name}`, { size: 16, weight: 600, fill: "#0f172a" }),
    text(MARGIN.left, 44, `${first.trace.title}; down and to the left is better`, { fill: PEER, size: 12 }),
    ...panels,
    "</svg>\n",
  ].join("\n");
}

interface Scale {
  x: (seconds: number) => number;
  y: (waitMs: number) => number;
}

function panel({ startMs, rows }: Comparison, left: number): string {
  const costs = rows.flatMap(({ result, boundSeconds }) => [result.containerSeconds, boundSeconds]);
  const [low, high] = [Math.log10(Math.min(...costs) / 1.15), Math.log10(Math.max(...costs) * 1.25)];
  const most = Math.log10(WAIT_TICKS_MS.at(-1) ?? 1);
  const least = Math.log10(LEAST_WAIT_MS);
  const top = MARGIN.top;
  const scale: Scale = {
    x: (seconds) => left + (PANEL.width * (Math.log10(seconds) - low)) / (high - low),
    y: (waitMs) => top + PANEL.height * (1 - (Math.log10(Math.max(LEAST_WAIT_MS, waitMs)) - least) / (most - least)),
  };
  return [
    text(left, top - 12, `a start takes ${startMs / 1_000} s`, { weight: 600, fill: "#0f172a", size: 12 }),
    ...WAIT_TICKS_MS.map((waitMs) => waitTick(scale, waitMs, left)),
    ...costTicks(low, high).map((seconds) => costTick(scale, seconds, top)),
    text(left + PANEL.width / 2, top + PANEL.height + 40, "container-seconds", { anchor: "middle", fill: PEER }),
    boundLine(rows, scale),
    ...labelled(rows, scale, left),
  ].join("\n");
}

function waitTick({ y }: Scale, waitMs: number, left: number): string {
  const label = waitMs === LEAST_WAIT_MS ? "≤ 10 ms" : waitText(waitMs);
  const line = `<path d="M${left} ${round(y(waitMs))}h${PANEL.width}" stroke="${GRID}"/>`;
  return line + text(left - 8, y(waitMs) + 4, label, { anchor: "end", fill: PEER });
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
  return line + text(x(seconds), top + PANEL.height + 18, label, { anchor: "middle", fill: PEER });
}

function boundLine(rows: readonly Row[], { x, y }: Scale): string {
  const points = rows
    .map(({ result, boundSeconds }) => ({ waitMs: result.waitMs.p95, boundSeconds }))
    .sort((a, b) => a.waitMs - b.waitMs);
  const path = points.map(({ waitMs, boundSeconds }) => `${round(x(boundSeconds))} ${round(y(waitMs))}`).join("L");
  const end = points.at(-1);
  const label = end
    ? text(x(end.boundSeconds) + 6, y(end.waitMs) - 6, "clairvoyant bound", { fill: QUIET, style: "italic" })
    : "";
  return `<path d="M${path}" fill="none" stroke="${QUIET}" stroke-width="1.5" stroke-dasharray="5 4"/>${label}`;
}

const LINE_HEIGHT = 13;

/** Points with their names beside them, on the side with room, moved apart where they would lie on each other. */
function labelled(rows: readonly Row[], { x, y }: Scale, left: number): string[] {
  const taken: { x: number; y: number; width: number }[] = [];
  const sorted = [...rows].sort((a, b) => Number(b.contender.isOurs) - Number(a.contender.isOurs));
  return sorted.map(({ contender, result }) => {
    const [atX, atY] = [x(result.containerSeconds), y(result.waitMs.p95)];
    const width = contender.name.length * 5.9 + 10;
    const fitsRight = atX + width < left + PANEL.width + 20;
    const from = fitsRight ? atX + 8 : atX - 8 - width;
    let labelY = atY + 4;
    const collides = () =>
      taken.some(
        (other) => Math.abs(other.y - labelY) < LINE_HEIGHT && from < other.x + other.width && other.x < from + width,
      );
    for (let step = 1; collides() && step < 16; step++)
      labelY = atY + 4 - Math.ceil(step / 2) * LINE_HEIGHT * (step % 2 ? 1 : -1);
    taken.push({ x: from, y: labelY, width });
    const colour = contender.isOurs ? OURS : PEER;
    const point = `<circle cx="${round(atX)}" cy="${round(atY)}" r="${contender.isOurs ? 5.5 : 4}" fill="${colour}" stroke="#ffffff" stroke-width="1.5"/>`;
    const anchor = fitsRight ? "start" : "end";
    const label = text(fitsRight ? atX + 8 : atX - 8, labelY, contender.name, {
      anchor,
      fill: colour,
      weight: contender.isOurs ? 600 : 400,
    });
    return label + point;
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
