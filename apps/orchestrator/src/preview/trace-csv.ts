/**
 * A trace of arrivals as people paste it: a line for each input, in any order. Its first line may name the columns; without
 * one they are `ms[,service_ms]`. Known forms:
 *
 * - `ms[,service_ms]`: milliseconds from any start
 * - `arrived_at_seconds[,service_ms]`: the same in seconds
 * - `TIMESTAMP,ContextTokens,GeneratedTokens`: of the Azure LLM inference traces (Patel et al., "Splitwise", ISCA 2024); it
 *   runs 20 ms + 0.05 ms per context token + 20 ms per generated one, the model of `npm run bench -- scaling`
 */
import { InvalidError } from "@bellows/protocol/errors";

export interface Trace {
  /** From the first input on, never less than the one before. */
  atMs: Float64Array;
  /** Null when the trace does not say how long its inputs run. */
  serviceMs: Float64Array | null;
}

interface Form {
  columns: readonly string[];
  /** How many of them a line must have at least. */
  least: number;
  atMs: (cells: readonly string[]) => number;
  /** Undefined where the line does not say. */
  serviceMs: (cells: readonly string[]) => number | undefined;
}

const SECOND_MS = 1_000;
const AZURE = { baseMs: 20, contextMs: 0.05, generatedMs: 20 };

const FORMS: readonly Form[] = [
  {
    columns: ["ms", "service_ms"],
    least: 1,
    atMs: ([ms]) => numberOf(ms),
    serviceMs: ([, service]) => optional(service),
  },
  {
    columns: ["arrived_at_seconds", "service_ms"],
    least: 1,
    atMs: ([seconds]) => numberOf(seconds) * SECOND_MS,
    serviceMs: ([, service]) => optional(service),
  },
  {
    columns: ["timestamp", "contexttokens", "generatedtokens"],
    least: 3,
    atMs: ([timestamp = ""]) => Date.parse(`${timestamp.trim().replace(" ", "T")}Z`),
    serviceMs: ([, context, generated]) =>
      AZURE.baseMs + numberOf(context) * AZURE.contextMs + numberOf(generated) * AZURE.generatedMs,
  },
];
const NAMES_SHOWN = "ms[,service_ms], arrived_at_seconds[,service_ms] or TIMESTAMP,ContextTokens,GeneratedTokens";

/** @throws InvalidError naming the line that cannot be read, or when there are more than `most`. */
export function parseTrace(csv: string, most: number): Trace {
  const lines = csv.split(/\r?\n/);
  const { form, body } = formOf(lines);
  const rows: { atMs: number; serviceMs: number | undefined }[] = [];
  for (let index = body; index < lines.length; index++) {
    const line = lines[index]?.trim() ?? "";
    if (line === "") continue;
    if (rows.length >= most)
      throw new InvalidError(`the trace has more than ${most.toLocaleString("en")} inputs; paste a part of it`);
    rows.push(rowOf(form, line, index + 1));
  }
  return traceOf(rows);
}

function formOf(lines: readonly string[]): { form: Form; body: number } {
  const first = lines.findIndex((line) => line.trim() !== "");
  const cells = cellsOf(lines[first] ?? "").map((cell) => cell.toLowerCase());
  const [plain] = FORMS;
  if (plain && cells.every((cell) => cell === "" || Number.isFinite(Number(cell)))) return { form: plain, body: 0 };
  const form = FORMS.find(
    ({ columns, least }) => cells.length >= least && cells.every((cell, at) => cell === columns[at]),
  );
  if (form) return { form, body: first + 1 };
  throw new InvalidError(
    `line ${first + 1}: ${quoted(lines[first] ?? "")} is neither a number nor a known header; known are ${NAMES_SHOWN}`,
  );
}

function rowOf(form: Form, line: string, number: number): { atMs: number; serviceMs: number | undefined } {
  const cells = cellsOf(line);
  const [atMs, serviceMs] = [form.atMs(cells), form.serviceMs(cells)];
  if (!Number.isFinite(atMs))
    throw new InvalidError(`line ${number}: ${quoted(line)} has no time in its first column (${form.columns[0]})`);
  if (serviceMs !== undefined && !(serviceMs >= 0)) {
    throw new InvalidError(
      `line ${number}: ${quoted(line)} does not say how long the input runs; leave the column out or write milliseconds`,
    );
  }
  return { atMs, serviceMs };
}

/** @throws InvalidError when only some lines say how long they run. */
function traceOf(rows: { atMs: number; serviceMs: number | undefined }[]): Trace {
  rows.sort((a, b) => a.atMs - b.atMs);
  const startMs = rows[0]?.atMs ?? 0;
  const atMs = Float64Array.from(rows, (row) => row.atMs - startMs);
  const said = rows.filter(({ serviceMs }) => serviceMs !== undefined).length;
  if (said === 0) return { atMs, serviceMs: null };
  if (said < rows.length) {
    throw new InvalidError(`service_ms: ${said} of ${rows.length} lines have it; write it in all lines, or in none`);
  }
  return { atMs, serviceMs: Float64Array.from(rows, ({ serviceMs = 0 }) => serviceMs) };
}

function cellsOf(line: string): string[] {
  return line.split(",").map((cell) => cell.trim());
}

function numberOf(text: string | undefined): number {
  return text === undefined || text === "" ? Number.NaN : Number(text);
}

function optional(text: string | undefined): number | undefined {
  return text === undefined || text === "" ? undefined : Number(text);
}

function quoted(line: string): string {
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);
}
