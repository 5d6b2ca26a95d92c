import { InvalidError } from "@bellows/protocol/errors";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import { type PreviewJob, runPreviewJob } from "./preview-job.ts";

const T = 1_700_000_000_000;
const MINUTE_MS = 60_000;

function job(more: Partial<PreviewJob>): PreviewJob {
  return {
    arrivals: { source: "trace", csv: "" },
    runMs: [[112, 100]],
    startMs: 1_000,
    settings: parseFunctionOptions({ scaledownWindow: "30s" }),
    environmentCap: 100,
    gpusPerContainer: 0,
    drainMs: MINUTE_MS,
    ...more,
  };
}

function recorded(readings: { atMs: number; arrivals: [number, number][] }[], toMs = T + 10 * MINUTE_MS) {
  const texts = readings.map(({ atMs, arrivals }) => ({ atMs, arrivals: JSON.stringify(arrivals) }));
  return { source: "recorded", fromMs: T, toMs, readings: texts } as const;
}

test("what was recorded is replayed in its tenths of a second, and only what came within the range", () => {
  const arrivals = recorded([
    { atMs: T - 10_000, arrivals: [[9_900, 7]] },
    {
      atMs: T,
      arrivals: [
        [0, 5],
        [100, 5],
      ],
    },
    { atMs: T + MINUTE_MS, arrivals: [[0, 5]] },
    { atMs: T + 10 * MINUTE_MS, arrivals: [[0, 9]] },
  ]);
  const { arrivals: count, run, fromMs, toMs } = runPreviewJob(job({ arrivals }));
  expect(count).toBe(15);
  expect([fromMs, toMs]).toEqual([T, T + 10 * MINUTE_MS]);
  expect(run.timeline[0]).toMatchObject({ atMs: T, arrived: 10 });
  expect(run.timeline.reduce((sum, { arrived }) => sum + arrived, 0)).toBe(15);
  expect(run.unfinished).toBe(0);
  // Those of a minute later came to a cold function again.
  expect(run.coldStarts).toBeGreaterThan(5);
});

test("settings make the difference: kept containers spare cold starts and cost hours, with the same inputs", () => {
  const arrivals = recorded(
    Array.from({ length: 9 }, (_, minute) => ({ atMs: T + minute * MINUTE_MS, arrivals: [[0, 3]] })),
  );
  const base = runPreviewJob(job({ arrivals, gpusPerContainer: 2 }));
  const kept = runPreviewJob(
    job({
      arrivals,
      gpusPerContainer: 2,
      settings: parseFunctionOptions({ minContainers: 3, scaledownWindow: "30s" }),
    }),
  );
  expect(kept.arrivals).toBe(base.arrivals);
  expect(kept.runMs).toEqual(base.runMs);
  expect(kept.run.coldStarts).toBeLessThan(base.run.coldStarts);
  expect(kept.run.waitMs.p95).toBeLessThan(base.run.waitMs.p95);
  expect(kept.run.containerHours).toBeGreaterThan(base.run.containerHours);
  expect(kept.run.gpuHours).toBeCloseTo(2 * kept.run.containerHours);
  expect(kept.run.settings).toMatchObject({ minContainers: 3, scaledownWindowMs: 30_000 });
});

test("run times follow the histogram, or the trace where that says them", () => {
  const csv = Array.from({ length: 200 }, (_, index) => index * 50).join("\n");
  const { runMs } = runPreviewJob(
    job({
      arrivals: { source: "trace", csv },
      runMs: [
        [112, 90],
        [1_024, 10],
      ],
    }),
  );
  expect(runMs.p50).toBeGreaterThan(96);
  expect(runMs.p50).toBeLessThan(112);
  expect(runMs.p99).toBeGreaterThan(896);
  const withService = `ms,service_ms\n${Array.from({ length: 20 }, (_, index) => `${index * 50},7`).join("\n")}`;
  expect(runPreviewJob(job({ arrivals: { source: "trace", csv: withService }, runMs: [] })).runMs).toEqual({
    p50: 7,
    p99: 7,
  });
});

test("too few arrivals, and inputs whose run time nobody knows, are refused with what to do", () => {
  const few = recorded([{ atMs: T, arrivals: [[0, 3]] }]);
  expect(() => runPreviewJob(job({ arrivals: few }))).toThrow(
    "only 3 inputs arrived in this time; choose a longer one",
  );
  expect(() => runPreviewJob(job({ arrivals: recorded([]) }))).toThrow("no input arrived in this time");
  expect(() => runPreviewJob(job({ arrivals: { source: "trace", csv: "1\n2" } }))).toThrow("at least 10 lines");
  const csv = Array.from({ length: 20 }, (_, index) => index).join("\n");
  expect(() => runPreviewJob(job({ arrivals: { source: "trace", csv }, runMs: [] }))).toThrow(InvalidError);
});

test("a job is plain data, and the same job has the same answer", () => {
  const arrivals = recorded([
    {
      atMs: T,
      arrivals: [
        [0, 40],
        [5_000, 20],
      ],
    },
  ]);
  const once = job({ arrivals });
  expect(runPreviewJob(structuredClone(once))).toEqual(runPreviewJob(once));
});
