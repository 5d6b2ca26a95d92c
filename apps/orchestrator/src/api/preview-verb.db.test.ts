import { containers } from "@bellows/db/schema/containers";
import { functionStats } from "@bellows/db/schema/function-stats";
import { newId } from "@bellows/protocol/ids";
import { beforeAll, expect, test } from "vitest";
import { ANYWHERE, deployTestApp, testStack } from "./testing-stack.ts";

const stack = await testStack();
const { db, verbs, now } = stack;
const MINUTE_MS = 60_000;
const T = Math.floor(now() / 10_000) * 10_000 - 30 * MINUTE_MS;
const range = { source: "recorded", fromMs: T, toMs: T + 20 * MINUTE_MS } as const;
let functionId = "";
let deploymentId = "";

beforeAll(async () => {
  const deployed = await deployTestApp(stack, "pages", { ocr: { maxContainers: 5, scaledownWindow: "30s" } });
  functionId = deployed.functions[0]?.id ?? "";
  deploymentId = deployed.deploymentId;
});

async function record(minutes: number, perMinute: number): Promise<void> {
  await db.insert(functionStats).values(
    Array.from({ length: minutes }, (_, minute) => ({
      id: newId(T + minute * MINUTE_MS),
      functionId,
      atMs: T + minute * MINUTE_MS,
      arrived: perMinute,
      arrivals: [[0, perMinute]] satisfies [number, number][],
      succeeded: perMinute,
      failed: 0,
      cancelled: 0,
      queueMs: [],
      startMs: [],
      runMs: [[224, perMinute]] satisfies [number, number][],
      batchSizes: [],
      queuedMax: perMinute,
      runningMax: perMinute,
      containersMax: 1,
    })),
  );
}

test("without enough arrivals it says so; without run times and starts it says what is missing or assumed", async () => {
  await expect(verbs.preview({ functionId, changes: {}, arrivals: range })).rejects.toThrow(
    "no input arrived in this time",
  );
  const csv = Array.from({ length: 20 }, (_, index) => index * 100).join("\n");
  await expect(verbs.preview({ functionId, changes: {}, arrivals: { source: "trace", csv } })).rejects.toThrow(
    "call it first",
  );
  const trace = {
    source: "trace",
    csv: `ms,service_ms\n${Array.from({ length: 20 }, (_, index) => `${index},5`).join("\n")}`,
  } as const;
  const { model } = await verbs.preview({ functionId, changes: {}, arrivals: trace });
  expect(model).toMatchObject({ runMs: { p50: 5 }, startMs: 1_000 });
  expect(model.source).toContain("1 s is assumed");
});

test("today stands beside the edited settings, with what was measured of runs and starts", async () => {
  await record(20, 6);
  for (const [index, tookMs] of [700, 2_000, 9_000].entries()) {
    const createdAtMs = T + index;
    await db.insert(containers).values({
      id: newId(createdAtMs),
      functionId,
      deploymentId,
      driver: "none",
      state: "stopped",
      createdAtMs,
      readyAtMs: createdAtMs + tookMs,
    });
  }
  const view = await verbs.preview({ functionId, changes: { minContainers: 2 }, arrivals: range });
  expect(view).toMatchObject({ arrivals: 120, fromMs: T, toMs: T + 20 * MINUTE_MS, model: { startMs: 2_000 } });
  expect(view.model.runMs.p50).toBeGreaterThan(190);
  expect(view.today.settings.minContainers).toBe(0);
  expect(view.edited.settings).toEqual({ ...view.today.settings, minContainers: 2 });
  expect(view.edited.coldStarts).toBeLessThan(view.today.coldStarts);
  expect(view.edited.containerHours).toBeGreaterThan(view.today.containerHours);
});

test("what is laid over the settings is today's; taking it back is a change like any other", async () => {
  await verbs.updateAutoscaler({ id: functionId }, { maxContainers: 2 }, ANYWHERE);
  const { today, edited } = await verbs.preview({ functionId, changes: { maxContainers: null }, arrivals: range });
  expect([today.settings.maxContainers, edited.settings.maxContainers]).toEqual([2, 5]);
});

test("changes that the autoscaler would not take, and functions that are not there, are refused", async () => {
  await expect(verbs.preview({ functionId, changes: { minContainers: 3 }, arrivals: range })).rejects.toThrow(
    "above maxContainers 2",
  );
  await expect(verbs.preview({ functionId, changes: { scaledownWindow: 300 }, arrivals: range })).rejects.toThrow(
    "below 2 s",
  );
  await expect(verbs.preview({ functionId: newId(), changes: {}, arrivals: range })).rejects.toThrow(
    "there is no function",
  );
});
