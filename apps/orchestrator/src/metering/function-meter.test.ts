import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { expect, test } from "vitest";
import type { InputOutput } from "../core/events.ts";
import { FunctionMeter, METER_WINDOW_MS, type MeterReading } from "./function-meter.ts";
import { countOf, quantileOf } from "./histogram.ts";

const T = 1_700_000_000_000;

function meter(ready: Record<string, number> = {}) {
  const readings: MeterReading[] = [];
  const made = new FunctionMeter({ handOver: (reading) => readings.push(reading), readyAtMs: (id) => ready[id] });
  made.at(T);
  return { meter: made, readings };
}

function output(more: Partial<InputOutput>): InputOutput {
  return {
    callId: newId(),
    index: 0,
    status: OUTPUT_STATUS.succeeded,
    payload: new Uint8Array(),
    attempts: 1,
    containerId: "warm",
    queuedAtMs: T,
    startedAtMs: T,
    finishedAtMs: T,
    ...more,
  };
}

test("ten seconds are one reading, which has each arrival in its tenth of a second; the next begins with nothing", () => {
  const { meter: of, readings } = meter();
  of.arrived(3, T + 40);
  of.arrived(2, T + 99);
  of.arrived(7, T + METER_WINDOW_MS - 1);
  expect(readings).toEqual([]);
  of.arrived(1, T + METER_WINDOW_MS);
  expect(readings).toMatchObject([
    {
      atMs: T,
      arrived: 12,
      arrivals: [
        [0, 5],
        [9_900, 7],
      ],
    },
  ]);
  of.at(T + 5 * METER_WINDOW_MS);
  expect(readings[1]).toMatchObject({ atMs: T + METER_WINDOW_MS, arrived: 1, arrivals: [[0, 1]] });
});

test("an idle function hands over nothing, one whose containers only wait does", () => {
  const { meter: of, readings } = meter();
  for (let second = 0; second < 60; second++) of.at(T + second * 1_000);
  of.sample(0, 0, 0);
  of.handOver();
  expect(readings).toEqual([]);
  of.sample(0, 0, 2);
  of.sample(0, 0, 1);
  of.handOver();
  expect(readings).toMatchObject([{ containersMax: 2, arrived: 0 }]);
});

test("a wait is divided where the container was ready: before it for the start, after it in the queue", () => {
  const { meter: of } = meter({ warm: T - 5_000, cold: T + 800 });
  of.ended(output({ startedAtMs: T + 64, finishedAtMs: T + 164 }));
  of.ended(output({ containerId: "cold", startedAtMs: T + 832, finishedAtMs: T + 932 }));
  const reading = of.reading();
  expect(countOf(reading?.startMs ?? [])).toBe(1);
  expect(quantileOf(reading?.startMs ?? [], 1)).toBeCloseTo(896, 0);
  // 64 ms and 32 ms, each as the upper bound of its bucket.
  expect(reading?.queueMs).toEqual([
    [40, 1],
    [80, 1],
  ]);
  expect(reading?.runMs).toEqual([[112, 2]]);
});

test("of containers that are not known, and of later attempts, no wait for a start is made up", () => {
  const { meter: of } = meter({ adopted: Number.POSITIVE_INFINITY });
  of.ended(output({ containerId: "adopted", startedAtMs: T + 5 }));
  of.ended(output({ containerId: "gone", startedAtMs: T + 5 }));
  of.ended(output({ attempts: 2, startedAtMs: T + 90_000, finishedAtMs: T + 90_000 }));
  of.ended(output({ attempts: 0, containerId: null, startedAtMs: null, status: OUTPUT_STATUS.cancelled }));
  const reading = of.reading();
  expect(reading).toMatchObject({ succeeded: 3, cancelled: 1, startMs: [], queueMs: [[6, 2]] });
  expect(countOf(reading?.runMs ?? [])).toBe(3);
});

test("batches are counted by their size", () => {
  const { meter: of } = meter();
  of.sample(1, 1, 1);
  for (const size of [32, 5, 32]) of.batch(size);
  expect(of.reading()?.batchSizes).toEqual([
    [5, 1],
    [32, 2],
  ]);
});
