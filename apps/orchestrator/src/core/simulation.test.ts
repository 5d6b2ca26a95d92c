/**
 * The promises of the core, kept in random worlds: arrivals, crashes of containers and of the orchestrator, slow
 * containers, cut links, cancels, retries of calls, generators, calls of the function by itself, deploys, limits.
 * How many, and how one is run again: `testing/random-worlds.ts`.
 */
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { type CallKind, OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue } from "@bellows/protocol/values";
import fc from "fast-check";
import { expect, test } from "vitest";
import { statsOf } from "./stats.ts";
import { inWorlds } from "./testing/random-worlds.ts";
import { World } from "./testing/simulated-world.ts";

const action = fc.record({
  atMs: fc.integer({ min: 0, max: 20_000 }),
  what: fc.constantFrom(
    "remote",
    "map",
    "spawn",
    "spawnMap",
    "spawnMap",
    "more",
    "crash",
    "crash",
    "workerDies",
    "cutLink",
    "cutLink",
    "cancel",
    "terminate",
    "retry",
    "retry",
    "deploy",
    "settings",
    "cap",
    "restart",
    "restart",
  ),
  size: fc.integer({ min: 0, max: 300 }),
});

const scenario = fc.record({
  seed: fc.integer(),
  actions: fc.array(action, { minLength: 1, maxLength: 25 }),
  maxContainers: fc.integer({ min: 1, max: 8 }),
  minContainers: fc.integer({ min: 0, max: 1 }),
  maxInputs: fc.constantFrom(1, 1, 2, 10),
  retries: fc.integer({ min: 0, max: 3 }),
  failing: fc.constantFrom(0, 0.1, 0.5),
  deadlyIndex: fc.constantFrom(null, null, null, 0, 5),
  startFailing: fc.constantFrom(0, 0, 0.3),
  run: fc.constantFrom({ min: 0, max: 0 }, { min: 0, max: 3 }, { min: 1, max: 200 }, { min: 50, max: 3_000 }),
  singleUse: fc.constantFrom(false, false, false, true),
  kind: fc.constantFrom("function", "function", "function", "generator"),
  slow: fc.constantFrom(0, 0, 0.3),
  nesting: fc.constantFrom(null, null, { calls: 0.1, waits: 0.5 }),
  batched: fc.constantFrom(null, null, { maxBatchSize: 8, waitMs: 50 }, { maxBatchSize: 300, waitMs: 1_000 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

test("no input is lost, none ends twice, none runs in two places, whatever happens", () => {
  fc.assert(
    fc.property(scenario, (given) => {
      const world = worldOf(given);
      for (const { atMs, what, size } of given.actions) {
        world.clock.at(atMs, () => act(world, given, what, given.run.max > 3 ? size >> 3 : size));
      }
      world.clock.runFor(20_000);
      world.fleet.faults = false;
      world.setCap(100);
      for (let minutes = 0; minutes < 600 && world.store.unfinished.length > 0; minutes++) world.clock.runFor(60_000);
      world.checkFinished();
      // At rest: nothing queued, and only the containers that are always wanted are left.
      world.clock.runFor(70_000);
      const { queued, running, containers } = statsOf(world.core);
      expect({ queued, running }).toEqual({ queued: 0, running: 0 });
      expect(containers).toEqual({ starting: 0, ready: world.core.settings.minContainers, draining: 0 });
    }),
    inWorlds(),
  );
}, 3_600_000);

function worldOf(given: Scenario): World {
  const { seed, run, failing, deadlyIndex, startFailing, slow, nesting } = given;
  return new World({
    seed,
    settings: settingsOf(given),
    runMs: run,
    failing,
    deadlyIndex,
    startMs: { min: 20, max: 400 },
    startFailing,
    slow,
    ...(nesting ? { nesting } : {}),
  });
}

function settingsOf({ maxContainers, minContainers, maxInputs, retries, singleUse, kind, batched }: Scenario) {
  const settings = parseFunctionOptions({
    maxContainers,
    minContainers,
    concurrent: { maxInputs, targetInputs: Math.ceil(maxInputs / 2) },
    retries: { maxRetries: retries, initialDelay: 200, maxDelay: 2_000 },
    singleUseContainers: singleUse,
    scaledownWindow: "5s",
    ...(batched && kind !== "generator" ? { batched } : {}),
  });
  return { ...settings, kind };
}

function act(world: World, given: Scenario, what: Scenario["actions"][number]["what"], size: number): void {
  const { random } = world;
  const container = random.pick(world.live);
  const call = random.pick(world.store.unfinished);
  const generator = given.kind === "generator";
  switch (what) {
    case "remote":
    case "spawn":
      return void world.call(generator ? "remoteGen" : what, [1], { close: true, stored: false });
    case "map":
    case "spawnMap":
      if (generator) return void world.call("remoteGen", [1], { close: true, stored: false });
      return void manyInputs(world, what, { size, tail: given.run.max > 3 ? 100 : 1_000 * random.between(1, 3) });
    case "more":
      if (call && call.inputCount === null)
        world.addInputs(call.callId, size, call.kind === "spawnMap" && random.chance(0.5));
      return;
    case "crash":
      if (container) world.fleet.crash(container);
      return;
    case "workerDies":
      if (container) world.fleet.workerDies(container);
      return;
    case "cutLink":
      if (container) world.fleet.cutLink(container, random.between(1, 3_000));
      return;
    case "cancel":
    case "terminate":
      if (call) world.cancel(call.callId, what === "terminate");
      return;
    case "deploy":
    case "settings":
      return world.deploy({ ...settingsOf(given), maxContainers: 1 + (size % 8) }, what === "settings");
    case "cap":
      return world.setCap(1 + (size % 8));
    case "retry": {
      const finished = random.pick(world.store.retryable);
      if (finished) world.retry(finished);
      return;
    }
    case "restart":
      return world.restart(random.between(1, 500), random.chance(0.3));
    default:
      what satisfies never;
  }
}

/** A call that is closed at once or some seconds later, as its source is read. */
function manyInputs(world: World, kind: CallKind, { size, tail }: { size: number; tail: number }): void {
  const { random } = world;
  const stored = kind === "spawnMap" && random.chance(0.6);
  const chunks = size === 0 ? [] : [size];
  const callId = world.call(kind, chunks, { close: false, stored });
  if (stored && random.chance(0.5)) world.addInputs(callId, tail, true);
  world.clock.at(random.between(0, 3_000), () => world.close(callId));
}

const QUIET = { failing: 0, startFailing: 0, startMs: { min: 20, max: 400 } };

test("an input that always kills its container fails alone, and its neighbours end well", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 4 }), (seed, maxContainers) => {
      const settings = parseFunctionOptions({ maxContainers, concurrent: { maxInputs: 4 } });
      const world = new World({ ...QUIET, seed, settings, runMs: { min: 100, max: 100 }, deadlyIndex: 0 });
      const callId = world.call("map", [4], { close: true, stored: false });
      world.clock.runFor(60_000);
      world.checkFinished();
      const ends = [0, 1, 2, 3].map((index) => world.delivered.get(`${callId}:${index}`));
      expect(ends.map((end) => end?.status)).toEqual([
        OUTPUT_STATUS.failed,
        OUTPUT_STATUS.succeeded,
        OUTPUT_STATUS.succeeded,
        OUTPUT_STATUS.succeeded,
      ]);
      expect(ends[0] && decodeValue(ends[0].payload)).toMatchObject({ code: "CONTAINER_CRASHED" });
    }),
    { numRuns: 20 },
  );
}, 60_000);

test("a constant load is served by a constant number of containers, and zero follows it within the window", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 5, max: 50 }),
      fc.integer({ min: 20, max: 500 }),
      (seed, everyMs, runMs) => {
        const settings = parseFunctionOptions({ scaledownWindow: "10s" });
        const world = new World({ ...QUIET, seed, settings, runMs: { min: runMs, max: runMs } });
        for (let atMs = 0; atMs < 60_000; atMs += everyMs) {
          world.clock.at(atMs, () => world.call("remote", [1], { close: true, stored: false }));
        }
        world.clock.runFor(30_000);
        world.decisions.length = 0;
        world.clock.runFor(30_000);
        expect(new Set(world.decisions).size).toBeLessThanOrEqual(1);
        world.clock.runFor(runMs + 12_000);
        world.checkFinished();
        expect(statsOf(world.core).containers).toEqual({ starting: 0, ready: 0, draining: 0 });
      },
    ),
    { numRuns: 8 },
  );
}, 60_000);

test("inputs of a call begin in order where nothing fails, also when many are prefetched", () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(0, 1, 3, 30), (seed, runMs) => {
      const settings = parseFunctionOptions({ maxContainers: 1 });
      const world = new World({ ...QUIET, seed, settings, runMs: { min: runMs, max: runMs } });
      for (let chunk = 0; chunk < 20; chunk++) {
        world.clock.at(chunk * 50, () => world.call("spawnMap", [100], { close: true, stored: chunk % 2 === 1 }));
      }
      world.clock.runFor(120_000);
      world.checkFinished();
      const last = new Map<string, number>();
      for (const [callId, index] of world.begun) {
        expect(index).toBe((last.get(callId) ?? -1) + 1);
        last.set(callId, index);
      }
    }),
    { numRuns: 8 },
  );
}, 60_000);

test("a small call beside a huge one waits for its turn, not for the end of the other", () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(0, 1, 5, 50), fc.constantFrom("remote", "spawn"), (seed, runMs, kind) => {
      const settings = parseFunctionOptions({ maxContainers: 2 });
      const world = new World({ ...QUIET, seed, settings, runMs: { min: runMs, max: runMs } });
      world.call("spawnMap", [20_000], { close: true, stored: true });
      world.clock.runFor(2_000);
      const beganMs = world.clock.nowMs;
      const callId = world.call(kind as CallKind, [1], { close: true, stored: false });
      while (!world.store.calls.get(callId)?.finished) world.clock.runFor(1);
      // Its own run, what is running, the prefetch of ten milliseconds, the latencies, the commit.
      expect(world.clock.nowMs - beganMs).toBeLessThanOrEqual(2 * runMs + 40);
    }),
    { numRuns: 8 },
  );
}, 60_000);
