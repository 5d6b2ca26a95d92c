import type { ScalingInputs, ScalingPolicy } from "@bellows/orchestrator/autoscale";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import { beta9 } from "./beta9.ts";
import { keda } from "./keda.ts";
import { knative } from "./knative.ts";
import { rayServe } from "./ray-serve.ts";

const SETTINGS = parseFunctionOptions({});

/** What a policy wants each 100 ms if containers start at once and the load is this. */
function follow(policy: ScalingPolicy, seconds: number, load: (second: number) => number): number[] {
  const wanted: number[] = [];
  let current = 0;
  for (let atMs = 0; atMs <= seconds * 1_000; atMs += 100) {
    const units = load(atMs / 1_000);
    const running = Math.min(units, current);
    const inputs: ScalingInputs = {
      ...{ atMs, settings: SETTINGS, environmentCap: 100, queued: units - running, running, current },
      ...{ started: current, mode: "normal" },
    };
    current = policy.decide(inputs).desired;
    wanted.push(current);
  }
  return wanted;
}

const at = (wanted: number[], second: number) => wanted[Math.round(second * 10)];

test("Knative: a constant load gets its mean concurrency over 70 % of a slot", () => {
  expect(
    at(
      follow(knative(), 300, () => 7),
      300,
    ),
  ).toBe(10);
});

test("Knative: a jump panics within seconds, and is held for a stable window after it", () => {
  const wanted = follow(knative(), 300, (second) => (second >= 100 && second < 110 ? 70 : 7));
  expect(at(wanted, 99)).toBe(10);
  expect(at(wanted, 106)).toBeGreaterThan(50);
  expect(at(wanted, 160)).toBeGreaterThan(50);
  expect(at(wanted, 250)).toBe(10);
});

test("Knative: the first request is not waited for, the last pod goes after a stable window and the grace period", () => {
  const wanted = follow(knative(), 200, (second) => (second < 10 ? 1 : 0));
  expect(at(wanted, 0)).toBeGreaterThan(0);
  expect(at(wanted, 99)).toBe(1);
  expect(at(wanted, 102)).toBe(0);
});

test("Ray Serve: one replica at once, more after 30 s, fewer after 600 s", () => {
  const wanted = follow(rayServe(2), 1_500, (second) => (second < 200 ? 20 : second < 900 ? 4 : 0));
  expect(at(wanted, 1)).toBe(1);
  expect(at(wanted, 25)).toBe(1);
  expect(at(wanted, 60)).toBe(10);
  expect(at(wanted, 790)).toBe(10);
  expect(at(wanted, 850)).toBe(2);
});

test("KEDA: looks every 30 s at zero, doubles at most every 15 s, and lets go of all after the cooldown", () => {
  const wanted = follow(keda(), 900, (second) => (second < 1 ? 0 : second < 300 ? 40 : 0));
  expect(at(wanted, 29)).toBe(0);
  expect(at(wanted, 31)).toBe(1);
  expect(at(wanted, 46)).toBe(5);
  expect(at(wanted, 61)).toBe(10);
  expect(at(wanted, 200)).toBe(40);
  expect(at(wanted, 569)).toBe(40);
  expect(at(wanted, 571)).toBe(0);
});

test("beta9: the queue over the target each second, kept warm after it", () => {
  const wanted = follow(beta9(10_000), 40, (second) => (second >= 0.5 && second < 5 ? 8 : 0));
  expect(at(wanted, 0.9)).toBe(0);
  expect(at(wanted, 1)).toBe(8);
  expect(at(wanted, 13)).toBe(8);
  expect(at(wanted, 16)).toBe(0);
});
