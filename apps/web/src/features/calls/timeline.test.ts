import type { AttemptView, InputDetailView } from "@bellows/protocol/call-views";
import { expect, test } from "vitest";
import { attemptsOf, timelineOf } from "./timeline.ts";

const NOW_MS = 10_000;

test("an input that waits has one stretch, up to now", () => {
  expect(shape(input({ state: "queued" }))).toEqual([["waiting", 0, NOW_MS, true]]);
});

test("a running input waited and runs", () => {
  expect(shape(input({ state: "running", startedAtMs: 400, attempts: 1 }))).toEqual([
    ["waiting", 0, 400, false],
    ["running", 400, NOW_MS, true],
  ]);
});

test("retries show every attempt and the waits between them", () => {
  const failedAttempts = [attempt(1, [0, 100, 300]), attempt(2, [300, 1_300, 1_400], "lost")];
  const ended = input({ state: "succeeded", startedAtMs: 2_400, finishedAtMs: 2_600, attempts: 3, failedAttempts });
  expect(shape(ended)).toEqual([
    ["waiting", 0, 100, false],
    ["failed", 100, 300, false],
    ["waiting", 300, 1_300, false],
    ["lost", 1_300, 1_400, false],
    ["waiting", 1_400, 2_400, false],
    ["succeeded", 2_400, 2_600, false],
  ]);
});

test("an input between two attempts waits, although it has run before", () => {
  const failedAttempts = [attempt(1, [0, 100, 300])];
  expect(shape(input({ state: "queued", startedAtMs: 100, attempts: 1, failedAttempts })).at(-1)).toEqual([
    "waiting",
    300,
    NOW_MS,
    true,
  ]);
});

test("each attempt is queued when the one before ended, and has the container it ran in", () => {
  const failedAttempts = [attempt(1, [0, 100, 300]), attempt(3, [300, 900, 1_000], "retried")];
  const running = input({ state: "running", startedAtMs: 1_200, attempts: 4, containerId: "c4", failedAttempts });
  expect(
    attemptsOf(running).map(({ attempt: number, outcome, queuedAtMs, startedAtMs, finishedAtMs, containerId }) => [
      number,
      outcome,
      queuedAtMs,
      startedAtMs,
      finishedAtMs,
      containerId,
    ]),
  ).toEqual([
    [1, "failed", 0, 100, 300, "c1"],
    [3, "retried", 300, 900, 1_000, "c3"],
    [4, null, 1_000, 1_200, null, "c4"],
  ]);
});

test("a retry long after the end leaves the wait before each attempt as it was", () => {
  const failedAttempts = [attempt(1, [0, 100, 300], "retried")];
  const again = input({
    state: "succeeded",
    queuedAtMs: 8_000,
    startedAtMs: 8_200,
    finishedAtMs: 8_300,
    failedAttempts,
  });
  expect(shape(again)).toEqual([
    ["waiting", 0, 100, false],
    ["retried", 100, 300, false],
    ["waiting", 8_000, 8_200, false],
    ["succeeded", 8_200, 8_300, false],
  ]);
});

test("an attempt that has not started is in no container yet, wherever the one before was", () => {
  const failedAttempts = [attempt(1, [0, 100, 300])];
  const queued = input({ state: "queued", startedAtMs: 100, attempts: 1, containerId: "c1", failedAttempts });
  expect(attemptsOf(queued).at(-1)).toMatchObject({ attempt: 2, startedAtMs: null, containerId: null });
});

test("one that was cancelled before it began only waited", () => {
  expect(shape(input({ state: "cancelled", finishedAtMs: 700 }))).toEqual([["waiting", 0, 700, false]]);
});

test("clocks that differ a little make no stretch of negative length", () => {
  const ended = input({ state: "succeeded", queuedAtMs: 50, startedAtMs: 20, finishedAtMs: 15, attempts: 1 });
  for (const { fromMs, toMs } of timelineOf(ended, NOW_MS)) expect(toMs).toBeGreaterThanOrEqual(fromMs);
});

function shape(view: InputDetailView) {
  return timelineOf(view, NOW_MS).map(({ kind, fromMs, toMs, open }) => [kind, fromMs, toMs, open]);
}

function input(given: Partial<InputDetailView>): InputDetailView {
  return {
    callId: "call",
    index: 0,
    state: "queued",
    attempts: 0,
    containerId: null,
    queuedAtMs: 0,
    startedAtMs: null,
    finishedAtMs: null,
    arguments: { text: "[]", bytes: 1, truncated: false },
    result: null,
    error: null,
    failedAttempts: [],
    ...given,
  };
}

function attempt(
  number: number,
  [queuedAtMs, startedAtMs, finishedAtMs]: [number, number, number],
  outcome: AttemptView["outcome"] = "failed",
): AttemptView {
  const error = { code: "REMOTE", message: "no" } as const;
  return { attempt: number, outcome, containerId: `c${number}`, queuedAtMs, startedAtMs, finishedAtMs, error };
}
