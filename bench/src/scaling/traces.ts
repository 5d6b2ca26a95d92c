/** What arrives: the trace of a real service, and synthetic loads whose shape is known. All in milliseconds from the start. */
import { readFile } from "node:fs/promises";
import { randomOf } from "@bellows/orchestrator/seeded-random";
import type { Arrivals } from "@bellows/orchestrator/simulation";

export interface Trace {
  name: string;
  /** What it is, in a few words. */
  title: string;
  arrivals: Arrivals;
}

/** What a request of the trace takes: a part of its own, one for each token read, and one for each token written. */
const SERVICE_MS = { base: 20, contextToken: 0.05, generatedToken: 20 };
const HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";

/**
 * A file of the form of the Azure LLM inference traces: the header above, times like `2023-11-16 18:17:03.9799600`.
 * @throws Error that names the line which is not of this form.
 */
export async function traceOf(file: string, name: string): Promise<Trace> {
  const lines = (await readFile(file, "utf8")).trim().split(/\r?\n/);
  if (lines[0] !== HEADER) throw new Error(`${file}: the first line must be "${HEADER}"`);
  const requests = lines.slice(1).map((line, at) => {
    const [time = "", context, generated] = line.split(",");
    // Dates have milliseconds; the rest of the fraction is added to them.
    const atMs = Date.parse(`${time.slice(0, 19).replace(" ", "T")}Z`) + Number(`0${time.slice(19)}`) * 1_000;
    const { base, contextToken, generatedToken } = SERVICE_MS;
    const serviceMs = base + contextToken * Number(context) + generatedToken * Number(generated);
    if (!Number.isFinite(atMs) || !Number.isFinite(serviceMs)) throw new Error(`${file}: line ${at + 2} is "${line}"`);
    return { atMs, serviceMs };
  });
  requests.sort((a, b) => a.atMs - b.atMs);
  const startMs = requests[0]?.atMs ?? 0;
  const arrivals = {
    atMs: Float64Array.from(requests, ({ atMs }) => atMs - startMs),
    serviceMs: Float64Array.from(requests, ({ serviceMs }) => serviceMs),
  };
  return { name, title: `${requests.length.toLocaleString("en")} requests of a real service`, arrivals };
}

const MEAN_SERVICE_MS = 500;

/** Poisson arrivals at a rate that changes with time; run times of half a second, a fifth of it fixed, the rest exponential. */
function synthetic(name: string, title: string, seconds: number, rate: (second: number) => number): Trace {
  const random = randomOf(name.length * 7_919 + seconds);
  const highest = Math.max(...Array.from({ length: seconds }, (_, second) => rate(second)));
  const atMs: number[] = [];
  const serviceMs: number[] = [];
  const exponential = () => -Math.log(1 - random.next());
  // Thinning: drawn at the highest rate, kept in proportion (Lewis and Shedler, 1979).
  for (let second = exponential() / highest; second < seconds; second += exponential() / highest) {
    if (random.next() * highest >= rate(second)) continue;
    atMs.push(second * 1_000);
    serviceMs.push(MEAN_SERVICE_MS * (0.2 + 0.8 * exponential()));
  }
  return { name, title, arrivals: { atMs, serviceMs } };
}

export function syntheticTraces(): Trace[] {
  return [
    synthetic("step", "4 a second, from minute 10 on 16", 1_800, (second) => (second < 600 ? 4 : 16)),
    synthetic("spike", "4 a second, 60 for one minute", 1_500, (second) => (second >= 600 && second < 660 ? 60 : 4)),
    synthetic("on-off", "a minute of 12 a second, a minute of none", 1_800, (second) => (second % 120 < 60 ? 12 : 0)),
    synthetic("ramp", "from 1 to 20 a second in half an hour", 1_800, (second) => 1 + (19 * second) / 1_800),
    synthetic("diurnal", "a wave of an hour between 1 and 11 a second", 7_200, (second) => {
      return 6 + 5 * Math.sin((2 * Math.PI * second) / 3_600);
    }),
  ];
}
