import { APP_STATES, ATTEMPT_OUTCOMES, CALL_STATES, CONTAINER_STATES, INPUT_STATES } from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import {
  canCancelCall,
  canRetryCall,
  canStopContainer,
  isFinishedApp,
  isFinishedInput,
  isLiveCall,
  isTooLateToRetry,
} from "./actions.ts";
import type { Look } from "./status.tsx";
import {
  APP_LOOKS,
  ATTEMPT_LOOKS,
  CALL_LOOKS,
  CONTAINER_LOOKS,
  callStanding,
  functionActivity,
  INPUT_LOOKS,
} from "./status.tsx";

const TABLES: [name: string, states: readonly string[], looks: Record<string, Look>][] = [
  ["calls", CALL_STATES, CALL_LOOKS],
  ["inputs", INPUT_STATES, INPUT_LOOKS],
  ["attempts", ATTEMPT_OUTCOMES, ATTEMPT_LOOKS],
  ["containers", CONTAINER_STATES, CONTAINER_LOOKS],
  ["apps", APP_STATES, APP_LOOKS],
];

test.each(TABLES)("every state of %s has a look, and no two have the same word", (_name, states, looks) => {
  expect(Object.keys(looks).sort()).toEqual([...states].sort());
  expect(new Set(Object.values(looks).map(({ label }) => label)).size).toBe(states.length);
});

test("what may be done follows from the legal moves", () => {
  const counts = { succeeded: 1, failed: 0, cancelled: 1 };
  expect(CALL_STATES.filter((state) => canCancelCall({ state, cancelAsked: false }))).toEqual(["running"]);
  expect(CALL_STATES.filter((state) => canCancelCall({ state, cancelAsked: true }))).toEqual([]);
  const retry = { state: "cancelled", kind: "spawnMap", counts, deployed: true } as const;
  expect(CALL_STATES.filter((state) => canRetryCall({ ...retry, state }))).toEqual(["failed", "cancelled"]);
  expect(CALL_STATES.filter((state) => canRetryCall({ ...retry, state, kind: "map" }))).toEqual([]);
  expect(canRetryCall({ ...retry, counts: { ...counts, cancelled: 0 } })).toBe(false);
  expect(canRetryCall({ ...retry, deployed: false })).toBe(false);
  expect([retry, { ...retry, deployed: false }].map(isTooLateToRetry)).toEqual([false, true]);
  expect(CALL_STATES.filter(isLiveCall)).toEqual(["running"]);
  expect(INPUT_STATES.filter((state) => !isFinishedInput(state))).toEqual(["queued", "running"]);
  expect(CONTAINER_STATES.filter(canStopContainer)).toEqual(["starting", "ready", "lost"]);
  expect(APP_STATES.filter(isFinishedApp)).toEqual(["stopped"]);
});

test("a call whose end was asked for is on its way out until it has ended, and one that cannot go on waits", () => {
  const call = { state: "running", cancelAsked: false, waitReason: null } as const;
  expect(callStanding(call)).toBe("running");
  expect(callStanding({ ...call, waitReason: "all wait" })).toBe("waiting");
  expect(callStanding({ ...call, cancelAsked: true, waitReason: "all wait" })).toBe("cancelling");
  expect(callStanding({ ...call, cancelAsked: true, state: "succeeded" })).toBe("succeeded");
});

test("what a function is doing: trouble first, then work, then warmth", () => {
  const idle: FunctionStats = {
    queued: 0,
    running: 0,
    containers: { starting: 0, ready: 0, draining: 0 },
    desiredContainers: 0,
    reason: "",
    degraded: null,
    deadlock: null,
  };
  const warm = { ...idle, containers: { starting: 0, ready: 1, draining: 0 } };
  expect(functionActivity(idle)).toBe("idle");
  expect(functionActivity(warm)).toBe("warm");
  expect(functionActivity({ ...warm, queued: 1 })).toBe("busy");
  expect(functionActivity({ ...warm, queued: 1, deadlock: "all wait" })).toBe("deadlocked");
  expect(
    functionActivity({ ...warm, queued: 1, deadlock: "all wait", degraded: { code: "STARTUP", message: "no" } }),
  ).toBe("degraded");
});
