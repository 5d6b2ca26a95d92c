import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { syntheticTraces, traceOf } from "./traces.ts";

async function fileOf(...lines: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trace-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "trace.csv");
  await writeFile(file, `${["TIMESTAMP,ContextTokens,GeneratedTokens", ...lines].join("\n")}\n`);
  return file;
}

test("a request takes 20 ms, 0.05 ms for each token read and 20 ms for each token written, in order of time", async () => {
  const file = await fileOf("2023-11-16 18:17:04.5000000,0,0", "2023-11-16 18:17:03.2500000,1000,10");
  const { arrivals } = await traceOf(file, "two");
  expect([...Array.from(arrivals.atMs)]).toEqual([0, 1_250]);
  expect([...Array.from(arrivals.serviceMs)]).toEqual([270, 20]);
});

test("a line of another form is named", async () => {
  const file = await fileOf("2023-11-16 18:17:03.9799600,4808,10", "yesterday,1,2");
  await expect(traceOf(file, "bad")).rejects.toThrow('line 3 is "yesterday,1,2"');
});

test("synthetic traces are the same every time, and in order", () => {
  const [one, again] = [syntheticTraces(), syntheticTraces()];
  expect(one).toEqual(again);
  for (const { arrivals } of one) {
    const atMs = Array.from(arrivals.atMs);
    expect(atMs.every((at, index) => index === 0 || at >= (atMs[index - 1] ?? 0))).toBe(true);
  }
});
