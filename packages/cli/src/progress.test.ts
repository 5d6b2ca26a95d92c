import { expect, test } from "vitest";
import { callProgressLine, countsText, progressLine, Rate } from "./progress.ts";

const none = { succeeded: 0, failed: 0, cancelled: 0 };

const some = {
  unfinished: 1,
  inputs: 24,
  counts: { succeeded: 10, failed: 1, cancelled: 1 },
  queued: 8,
  running: 4,
  liveContainers: 4,
};

test("the line fits the terminal, and loses the bar first", () => {
  const line = progressLine(some, 3.24, 120);
  expect(line).toBe(
    `${"█".repeat(12)}${"░".repeat(12)}  12/24  running 4  queued 8  failed 1  cancelled 1  3.2/s  containers 4`,
  );
  expect(progressLine(some, 3.24, line.length - 1)).toBe(
    "12/24  running 4  queued 8  failed 1  cancelled 1  3.2/s  containers 4",
  );
  expect(progressLine(some, 3.24, 10)).toBe("12/24  run");
  expect(progressLine({ ...some, counts: none, inputs: 0 }, 0, 120)).toContain("0/0");
});

test("what a run has come to says failed and cancelled apart", () => {
  expect(countsText({ inputs: 3, counts: { ...none, succeeded: 3 } })).toBe("3 inputs, 3 succeeded");
  expect(countsText({ inputs: 1, counts: { ...none, cancelled: 1 } })).toBe("1 input, 0 succeeded, 1 cancelled");
  expect(countsText({ inputs: 3, counts: { ...none, failed: 1, cancelled: 2 } })).toBe(
    "3 inputs, 0 succeeded, 1 failed, 2 cancelled",
  );
});

test("the rate is that of the last seconds", () => {
  const rate = new Rate();
  expect(rate.perSecond).toBe(0);
  for (let second = 0; second <= 10; second += 1) rate.add(second * 5, second * 1_000);
  for (let second = 11; second <= 15; second += 1) rate.add(50 + (second - 10) * 20, second * 1_000);
  expect(rate.perSecond).toBe(20);
});

test("a call alone shows how far it is and how long it will take, once its inputs are counted", () => {
  const call = {
    counts: { succeeded: 40, failed: 1, cancelled: 0 },
    inputCount: 101,
    receivedCount: 101,
    cancelAsked: false,
  };
  expect(callProgressLine(call, 20, 120)).toBe(`${"█".repeat(9)}${"░".repeat(15)}  41/101  failed 1  20/s  3 s left`);
  expect(callProgressLine({ ...call, inputCount: null, receivedCount: 60 }, 20, 40)).toBe("41/60+  failed 1  20/s");
  expect(callProgressLine({ ...call, cancelAsked: true }, 0, 40)).toBe("41/101  failed 1  0.0/s  cancelling");
  expect(callProgressLine({ ...call, inputCount: 1_000_000, counts: none }, 100, 40)).toBe(
    "0/1000000  100/s  2.8 h left",
  );
});
