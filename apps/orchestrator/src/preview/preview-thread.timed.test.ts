/** The thread runs built code: `npm run build` comes first. */
import { InvalidError } from "@bellows/protocol/errors";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import type { PreviewJob } from "./preview-job.ts";

const BUILT = new URL("../../dist/preview/preview-thread.js", import.meta.url).href;
const { previewThreads }: typeof import("./preview-thread.ts") = await import(BUILT);
const HOUR_MS = 3_600_000;
const COUNT = 100_000;

function job(count: number): PreviewJob {
  const readings = Array.from({ length: 360 }, (_, window) => ({
    atMs: window * 10_000,
    arrivals: JSON.stringify(
      Array.from({ length: 100 }, (_, step) => [step * 100, Math.floor(count / 36_000) + ((step + window) % 3)]),
    ),
  }));
  return {
    arrivals: { source: "recorded", fromMs: 0, toMs: HOUR_MS, readings },
    runMs: [
      [112, 80],
      [1_024, 20],
    ],
    startMs: 1_500,
    settings: parseFunctionOptions({ maxContainers: 50, concurrent: { maxInputs: 4 } }),
    environmentCap: 100,
    gpusPerContainer: 0,
    drainMs: 60_000,
  };
}

test("100,000 arrivals under two settings take less than two seconds of a processor, and nothing of this event loop", async () => {
  const run = previewThreads();
  const [cpu, loop] = [process.cpuUsage(), performance.eventLoopUtilization()];
  // Measured in time of the processor and of the loop, which others on this machine do not take away.
  const [today, edited] = await Promise.all([run(job(COUNT)), run(job(COUNT))]);
  const { user, system } = process.cpuUsage(cpu);
  expect(today.arrivals).toBeGreaterThan(COUNT);
  expect(edited).toEqual(today);
  expect((user + system) / 1_000).toBeLessThan(2_000);
  expect(performance.eventLoopUtilization(loop).active).toBeLessThan(200);
});

test("what a job throws arrives as what it is, and jobs that wait get their turn", async () => {
  const run = previewThreads();
  const empty: PreviewJob = { ...job(0), arrivals: { source: "trace", csv: "1\nsoon" } };
  const ended = await Promise.allSettled(Array.from({ length: 5 }, () => run(empty)));
  for (const end of ended) {
    expect(end).toMatchObject({ status: "rejected", reason: { code: "INVALID" } });
    expect(end.status === "rejected" && end.reason).toBeInstanceOf(InvalidError);
  }
});
