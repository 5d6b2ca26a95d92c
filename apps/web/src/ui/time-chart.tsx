"use client";
/**
 * Lines over time, drawn by uPlot on a canvas. Several charts with one `syncKey` move their cursor together. Colours are the
 * console's own, read again when the theme changes. What is laid over a chart finds its times with `TIME_CHART_INSET`.
 */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { axisNumber, axisTime } from "../lib/axis-text.ts";

export interface ChartLine {
  label: string;
  color: ChartColor;
  shape: "line" | "area" | "step" | "bars";
  values: readonly (number | null)[];
}

export type ChartColor = "info" | "good" | "wait" | "bad" | "ember" | "ink-faint" | "ink-soft";

export interface TimeChartProps {
  /** What it shows, for those who do not see it. */
  label: string;
  timesMs: readonly number[];
  lines: readonly ChartLine[];
  fromMs: number;
  toMs: number;
  height: number;
  syncKey?: string;
  /** The times below the chart; the lowest of several charts has them. */
  timeAxis?: boolean;
  axisText?: (value: number) => string;
  /** Of what is counted there are no halves. */
  whole?: boolean;
  /** A time between these ticks; the time of day when left out. */
  timeText?: (atMs: number, ticksMs: readonly number[]) => string;
  /** Told of the index of the time that is pointed at; null when none is. */
  onPoint?: (index: number | null) => void;
}

/** Room left and right of the lines, in pixels. */
export const TIME_CHART_INSET = { left: 48, right: 8 };
const TIME_AXIS_HEIGHT = 24;
/** 1, 2, 5, 10 and so on. */
const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const FONT = '11px "Inter Variable", system-ui, sans-serif';

export function TimeChart(props: TimeChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(props);
  // What changes these needs another plot; anything else is only other data.
  const shape = JSON.stringify([
    props.lines.map(({ label, color, shape: kind }) => [label, color, kind]),
    props.height,
    props.syncKey,
    props.timeAxis,
  ]);
  useEffect(() => {
    latest.current = props;
    plot.current?.setData(dataOf(props));
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` says when what is read through `latest` needs another plot
  useEffect(() => {
    if (!box.current) return;
    const made = new uPlot(optionsOf(latest, box.current), dataOf(latest.current), box.current);
    plot.current = made;
    const stop = redrawWhenNeeded(made, box.current, () => latest.current.height);
    return () => {
      stop();
      plot.current = null;
      made.destroy();
    };
  }, [shape]);
  return (
    <div
      ref={box}
      role="img"
      aria-label={props.label}
      className="time-chart min-w-0"
      style={{ height: props.height }}
    />
  );
}

function dataOf({ timesMs, lines }: TimeChartProps): uPlot.AlignedData {
  return [[...timesMs], ...lines.map(({ values }) => [...values])];
}

function optionsOf(latest: { current: TimeChartProps }, box: HTMLElement): uPlot.Options {
  const { lines, height, syncKey, timeAxis = false, whole = false } = latest.current;
  const color = (name: string): string => resolveColor(box, name);
  const axis = {
    stroke: () => color("ink-faint"),
    font: FONT,
    grid: { stroke: () => color("line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(1, box.clientWidth),
    height,
    ms: 1,
    padding: [8, TIME_CHART_INSET.right, timeAxis ? 0 : 6, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 5 },
      ...(syncKey === undefined ? {} : { sync: { key: syncKey, scales: ["x", null] } }),
    },
    scales: {
      x: { time: true, range: () => [latest.current.fromMs, latest.current.toMs] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        show: timeAxis,
        size: TIME_AXIS_HEIGHT,
        space: 72,
        values: (_plot, times) => times.map((atMs) => (latest.current.timeText ?? axisTime)(atMs, times)),
      },
      {
        ...axis,
        size: TIME_CHART_INSET.left,
        space: 28,
        ...(whole ? { incrs: WHOLE_STEPS } : {}),
        values: (_plot, values) => values.map((value) => (latest.current.axisText ?? axisNumber)(value)),
      },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, color))],
    hooks: { setCursor: [({ cursor }) => latest.current.onPoint?.(cursor.idx ?? null)] },
  };
}

const PATHS: Record<ChartLine["shape"], (() => uPlot.Series.PathBuilder | undefined) | undefined> = {
  line: undefined,
  area: undefined,
  step: () => uPlot.paths.stepped?.({ align: 1 }),
  bars: () => uPlot.paths.bars?.({ size: [0.9, 24], align: 1 }),
};

function seriesOf({ label, color: name, shape }: ChartLine, color: (name: string) => string): uPlot.Series {
  const paths = PATHS[shape]?.();
  return {
    label,
    stroke: () => color(name),
    width: shape === "bars" ? 0 : 1.5,
    // A line needs two values; one that has none beside it would not be seen.
    points: { show: true, size: 4, fill: () => color(name), filter: (plot, index) => alone(plot.data[index] ?? []) },
    ...(shape === "bars" || shape === "area" ? { fill: () => faded(color(name), shape === "bars" ? 0.55 : 0.14) } : {}),
    ...(paths ? { paths } : {}),
  };
}

function alone(values: ArrayLike<number | null | undefined>): number[] {
  const has = (at: number): boolean => values[at] !== null && values[at] !== undefined;
  return Array.from(values, (_, at) => at).filter((at) => has(at) && !has(at - 1) && !has(at + 1));
}

/** A custom property may say `light-dark(…)`, which a canvas does not know; as the colour of an element it is resolved. */
function resolveColor(box: HTMLElement, name: string): string {
  box.style.color = `var(--${name})`;
  return getComputedStyle(box).color;
}

function faded(color: string, part: number): string {
  return `color-mix(in srgb, ${color} ${part * 100}%, transparent)`;
}

function redrawWhenNeeded(plot: uPlot, box: HTMLElement, height: () => number): () => void {
  const redraw = (): void => plot.redraw();
  const size = new ResizeObserver(() => plot.setSize({ width: Math.max(1, box.clientWidth), height: height() }));
  size.observe(box);
  const theme = new MutationObserver(redraw);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", redraw);
  return () => {
    size.disconnect();
    theme.disconnect();
    system.removeEventListener("change", redraw);
  };
}
