import { APP_STATES, CALL_STATES, CONTAINER_STATES, INPUT_STATES } from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import { canCancelCall, canStopContainer, isFinishedApp, isFinishedInput, isLiveCall } from "./actions.ts";
import type { Look } from "./status.tsx";
import { APP_LOOKS, CALL_LOOKS, CONTAINER_LOOKS, functionActivity, INPUT_LOOKS } from "./status.tsx";

const TABLES: [name: string, states: readonly string[], looks: Record<string, Look>][] = [
  ["calls", CALL_STATES, CALL_LOOKS],
  ["inputs", INPUT_STATES, INPUT_LOOKS],
  ["containers", CONTAINER_STATES, CONTAINER_LOOKS],
  ["apps", APP_STATES, APP_LOOKS],
];

test.each(TABLES)("every state of %s has a look, and no two have the same word", (_name, states, looks) => {
  expect(Object.keys(looks).sort()).toEqual([...states].sort());
  expect(new Set(Object.values(looks).map(({ label }) => label)).size).toBe(states.length);
});

test("what may be done follows from the legal moves", () => {
  expect(CALL_STATES.filter(canCancelCall)).toEqual(["running"]);
  expect(CALL_STATES.filter(isLiveCall)).toEqual(["running"]);
  expect(INPUT_STATES.filter((state) => !isFinishedInput(state))).toEqual(["queued", "running"]);
  expect(CONTAINER_STATES.filter(canStopContainer)).toEqual(["starting", "ready", "lost"]);
  expect(APP_STATES.filter(isFinishedApp)).toEqual(["stopped"]);
});

test("what a function is doing: trouble first, then work, then warmth", () => {
  const idle: FunctionStats = {
    queued: 0,
    running: 0,
    containers: { starting: 0, ready: 0, draining: 0 },
    desiredContainers: 0,
    reason: "",
    degraded: null,
  };
  const warm = { ...idle, containers: { starting: 0, ready: 1, draining: 0 } };
  expect(functionActivity(idle)).toBe("idle");
  expect(functionActivity(warm)).toBe("warm");
  expect(functionActivity({ ...warm, queued: 1 })).toBe("busy");
  expect(functionActivity({ ...warm, queued: 1, degraded: { code: "STARTUP", message: "no" } })).toBe("degraded");
});
