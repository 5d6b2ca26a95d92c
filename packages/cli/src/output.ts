/** What commands print on stdout: tables and values for a person, JSON for a program. */
import { inspect } from "node:util";
import pc from "picocolors";

export interface Column<Row> {
  title: string;
  text: (row: Row) => string | number;
  align?: "right";
}

/** Columns padded to their widest cell, two spaces apart; no trailing spaces. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = [
    columns.map(({ title }) => title.toUpperCase()),
    ...rows.map((row) => columns.map(({ text }) => String(text(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  return cells
    .map((line, row) => {
      const padded = line.map((cell, i) => {
        const width = widths[i] ?? 0;
        return columns[i]?.align === "right" ? cell.padStart(width) : cell.padEnd(width);
      });
      const text = padded.join("  ").trimEnd();
      return row === 0 ? pc.dim(text) : text;
    })
    .join("\n");
}

/** A list: a table, or what it is empty of; with `json` the rows themselves. */
export function printList<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { json, empty }: { json: boolean | undefined; empty: string },
): void {
  if (json) return printJson(rows);
  console.log(rows.length > 0 ? table(rows, columns) : empty);
}

export function printJson(value: unknown): void {
  console.log(jsonText(value));
}

/** JSON, with the values that JSON lacks written as people would: bytes as base64, a Map as pairs, a BigInt as text. */
export function jsonText(value: unknown): string {
  // A function and not an arrow: `this` holds the value before `toJSON`.
  return JSON.stringify(value ?? null, function (this: Record<string, unknown>, key, item: unknown) {
    const original = this[key];
    if (typeof original === "bigint") return original.toString();
    if (original instanceof Uint8Array) return Buffer.from(original).toString("base64");
    if (original instanceof Map) return [...original];
    if (original instanceof Set) return [...original];
    if (original instanceof Error) return { name: original.name, message: original.message };
    return item;
  });
}

/** A result: text as it is, anything else as Node shows it. */
export function printValue(value: unknown): void {
  console.log(typeof value === "string" ? value : inspect(value, { depth: 8, colors: pc.isColorSupported }));
}

/** How long ago, in the largest unit that fits. */
export function ago(timeMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - timeMs) / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} d ago`;
}
