/**
 * The promises of the autoscaler in thousands of random loads, through the real dispatch in virtual time.
 * How many, and how one is run again: `testing/random-worlds.ts`.
 */
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Scaled, ScalingPolicy } from "./autoscale.ts";
import { autoscaler } from "./autoscaler.ts";
import { randomOf } from "./seeded-random.ts";
import { simulate } from "./simulate.ts";
import type { SimulationModel } from "./simulation.ts";
import { statsOf } from "./stats.ts";
import { inWorlds, WORLDS } from "./testing/random-worlds.ts";
import { World } from "./testing/simulated-world.ts";

/** No batches, or full ones before a container is up, or ones that wait for longer than they run. */
const batches = fc.constantFrom(
  undefined,
  { maxBatchSize: 2, waitMs: 0 },
  { maxBatchSize: 8, waitMs: 20 },
  { maxBatchSize: 50, waitMs: 2_000 },
);

/** Bursts of inputs, each with its pause before it, its size, its spacing and its run time. */
const load = fc.record({
  bursts: fc.array(
    fc.record({
      pauseMs: fc.integer({ min: 0, max: 90_000 }),
      count: fc.integer({ min: 1, max: 60 }),
      everyMs: fc.constantFrom(0, 1, 20, 300, 2_000),
      runMs: fc.constantFrom(1, 40, 400, 5_000, 70_000),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  startMs: fc.constantFrom(20, 300, 2_000, 30_000),
  windowMs: fc.constantFrom(2_000, 10_000, 60_000),
  minContainers: fc.constantFrom(0, 0, 2),
  maxContainers: fc.constantFrom(2, 5, 100),
  bufferContainers: fc.constantFrom(0, 0, 3),
  maxInputs: fc.constantFrom(1, 1, 4),
  environmentCap: fc.constantFrom(3, 100),
  batched: batches,
});

interface Load {
  bursts: { pauseMs: number; count: number; everyMs: number; runMs: number }[];
  startMs: number;
  windowMs: number;
  minContainers: number;
  maxContainers: number;
  bufferContainers: number;
  maxInputs: number;
  environmentCap: number;
  batched: { maxBatchSize: number; waitMs: number } | undefined;
}

function arrivalsOf({ bursts }: Load) {
  const atMs: number[] = [];
  const serviceMs: number[] = [];
  let nowMs = 0;
  for (const { pauseMs, count, everyMs, runMs } of bursts) {
    nowMs += pauseMs;
    for (let made = 0; made < count; made++, nowMs += everyMs) {
      atMs.push(nowMs);
      serviceMs.push(runMs);
    }
  }
  return { atMs, serviceMs };
}

/** Every decision of a run, in order. */
function decisionsOf(given: Load, arrivals = arrivalsOf(given), model: Partial<SimulationModel> = {}) {
  const { startMs, windowMs, environmentCap, maxInputs, minContainers, maxContainers, bufferContainers, batched } =
    given;
  const decisions: Scaled[] = [];
  const own = autoscaler();
  const policy: ScalingPolicy = {
    decide(inputs) {
      const scaled = own.decide(inputs);
      decisions.push(scaled);
      return scaled;
    },
    nextChangeMs: own.nextChangeMs,
  };
  const concurrent = { maxInputs, targetInputs: Math.ceil(maxInputs / 2) };
  const settings = parseFunctionOptions({
    ...{ minContainers, bufferContainers, maxContainers, concurrent, batched },
    scaledownWindow: windowMs,
  });
  const lastMs = arrivals.atMs.at(-1) ?? 0;
  // Also for the longest inputs one after the other.
  const untilMs = lastMs + 10 * 3_600_000;
  const result = simulate({
    ...{ settings, arrivals, untilMs, policy, environmentCap },
    model: { startMs: () => startMs, ...model },
    gpusPerContainer: 0,
    timelinePoints: 0,
  });
  return { decisions, result, settings };
}

test("in any load every input ends, and no busy container is told to", () => {
  fc.assert(
    fc.property(load, (given) => {
      // The simulator throws when a container that runs something is ended.
      expect(decisionsOf(given).result.unfinished).toBe(0);
    }),
    inWorlds(),
  );
}, 600_000);

test("never above the bounds, nor above what is in flight asks for and the buffer; never below the minimum", () => {
  fc.assert(
    fc.property(load, (given) => {
      const { decisions, settings } = decisionsOf(given);
      const ceiling = Math.min(settings.maxContainers, given.environmentCap);
      for (const { inputs, desired } of decisions) {
        const floor = Math.min(settings.minContainers, ceiling);
        const asked = Math.ceil((inputs.queued + inputs.running) / settings.targetInputs) + settings.bufferContainers;
        const most = Math.min(ceiling, Math.max(asked, inputs.current, floor));
        if (inputs.current <= ceiling && desired >= floor && desired <= most) continue;
        expect.fail(`${desired} wanted, ${floor} to ${most} are right; ${inputs.current} of ${ceiling} are there`);
      }
    }),
    inWorlds(),
  );
}, 600_000);

test("while something waits and nothing is free, a container is starting, unless there may be no more", () => {
  fc.assert(
    fc.property(load, (given) => {
      const { decisions, settings } = decisionsOf(given);
      const ceiling = Math.min(settings.maxContainers, given.environmentCap);
      for (const { inputs, desired } of decisions) {
        const { queued, running, current, started } = inputs;
        const isShort = queued > 0 && running >= started * settings.targetInputs && current === started;
        if (isShort && current < ceiling && desired <= current) expect.fail(`${queued} wait, and none is started`);
      }
    }),
    inWorlds(),
  );
}, 600_000);

test("zero, or the minimum, within scaledownWindow of the last input's end and a second", () => {
  fc.assert(
    fc.property(load, (given) => {
      const { decisions, settings } = decisionsOf(given);
      const busy = decisions.findLast(({ inputs }) => inputs.queued + inputs.running > 0);
      const last = decisions.at(-1);
      const floor = Math.min(settings.minContainers, settings.maxContainers, given.environmentCap);
      expect(last?.inputs.current).toBe(floor);
      const reached = decisions.findLast(({ inputs }) => inputs.current > floor);
      if (!busy || !reached) return;
      const idleFromMs = decisions[decisions.indexOf(busy) + 1]?.inputs.atMs ?? busy.inputs.atMs;
      expect(reached.inputs.atMs - idleFromMs).toBeLessThanOrEqual(settings.scaledownWindowMs + 1_000);
    }),
    inWorlds(),
  );
}, 600_000);

/** Batches of at most as many inputs at a time as an environment has containers: of more, one comes and goes in a minute. */
const constantLoad = fc
  .record({
    batched: batches,
    everyMs: fc.integer({ min: 20, max: 9_000 }),
    runMs: fc.integer({ min: 1, max: 9_000 }),
    startMs: fc.integer({ min: 20, max: 20_000 }),
    windowMs: fc.constantFrom(10_000, 60_000),
    bufferContainers: fc.constantFrom(0, 0, 3),
    maxInputs: fc.constantFrom(1, 1, 4),
  })
  .filter(({ batched, everyMs, runMs }) => !batched || runMs <= 100 * everyMs);

type ConstantLoad = Pick<Load, "batched" | "startMs" | "windowMs" | "bufferContainers" | "maxInputs"> & {
  everyMs: number;
  runMs: number;
};

/** The decisions after it has settled, and those of them that change the desired number. */
function settledAt({ everyMs, runMs, ...load }: ConstantLoad, model: Partial<SimulationModel> = {}) {
  const { startMs, windowMs } = load;
  const settleMs = 20 * (everyMs + runMs + startMs) + 2 * windowMs;
  const count = Math.ceil((settleMs + 5 * windowMs) / everyMs);
  const atMs = Array.from({ length: count }, (_, at) => at * everyMs);
  const given: Load = { ...load, bursts: [], minContainers: 0, maxContainers: 1_000, environmentCap: 1_000 };
  const { decisions } = decisionsOf(given, { atMs, serviceMs: atMs.map(() => runMs) }, model);
  const lastMs = atMs.at(-1) ?? 0;
  const settled = decisions.filter(({ inputs }) => inputs.atMs >= settleMs && inputs.atMs <= lastMs);
  return { settled, changes: settled.filter(({ desired }, at) => at > 0 && desired !== settled[at - 1]?.desired) };
}

/** Containers of batches that run for longer than a start come one by one, as their phases allow: that settles later. */
function isRising(changes: readonly Scaled[]): boolean {
  return changes.every(({ desired, inputs }) => desired > inputs.current);
}

test("at a constant load the desired number changes at most once after it has settled", () => {
  fc.assert(
    fc.property(constantLoad, (given) => {
      const { batched, everyMs, runMs, maxInputs, bufferContainers } = given;
      const { settled, changes } = settledAt(given);
      if (!(batched && isRising(changes))) expect(changes.length).toBeLessThanOrEqual(1);
      const atOnce = Math.ceil((runMs / everyMs + 1) / Math.ceil(maxInputs / 2));
      expect(settled.at(-1)?.desired).toBeLessThanOrEqual(atOnce + bufferContainers + 1);
    }),
    inWorlds(WORLDS / 2),
  );
}, 600_000);

/** Batches that take the longer the more they hold, and one of them, of some size, about as long as a start: the hardest. */
const growingBatches = fc
  .record({
    startMs: fc.integer({ min: 50, max: 20_000 }),
    windowMs: fc.constantFrom(10_000, 60_000),
    maxBatchSize: fc.constantFrom(2, 8, 50),
    waitMs: fc.constantFrom(0, 20, 200),
    /** What the inputs of a full batch take, in starts; what a batch of `size` takes, in starts. */
    inputsTake: fc.constantFrom(0.3, 0.6, 0.9),
    nearStart: fc.integer({ min: 80, max: 120 }).map((percent) => percent / 100),
    size: fc.double({ min: 0, max: 1, noNaN: true }),
    atOnce: fc.integer({ min: 1, max: 64 }),
  })
  .map(({ startMs, windowMs, maxBatchSize, waitMs, inputsTake, nearStart, size, atOnce }) => {
    const perInputMs = (startMs * inputsTake) / maxBatchSize;
    const runMs = Math.max(1, startMs * (nearStart - inputsTake * size));
    const fullMs = runMs + perInputMs * maxBatchSize;
    const batched = { maxBatchSize, waitMs };
    return { startMs, windowMs, runMs, perInputMs, fullMs, batched, everyMs: Math.max(20, fullMs / atOnce) };
  })
  // The window ends what comes and goes with every second batch, as it should.
  .filter(({ fullMs, windowMs }) => windowMs >= 2 * fullMs);

test("where batches take the longer the more they hold, hardly one constant load in a hundred goes up and down", () => {
  // Of fewer one more by chance would say nothing.
  const { numRuns, seed = Math.trunc(Math.random() * 2 ** 31) } = inWorlds(Math.max(200, WORLDS / 10));
  const loads = fc.sample(growingBatches, { numRuns, seed });
  const swinging = loads.filter(({ perInputMs, ...given }) => {
    const batchMs = (services: readonly number[]) => given.runMs + perInputMs * services.length;
    const { changes } = settledAt({ ...given, bufferContainers: 0, maxInputs: 1 }, { batchMs });
    return changes.length > 1 && !isRising(changes);
  });
  expect(swinging.length, `BELLOWS_SIMULATION_SEED=${seed}: ${JSON.stringify(swinging)}`).toBeLessThanOrEqual(
    Math.ceil(loads.length / 100),
  );
}, 600_000);

test("where inputs come evenly and their runs vary by a fifth, it goes up and down by two at most", () => {
  const varied = fc.record({
    seed: fc.integer(),
    everyMs: fc.integer({ min: 50, max: 3_000 }),
    atOnce: fc.integer({ min: 2, max: 40 }).map((tenths) => tenths / 10),
    startMs: fc.integer({ min: 20, max: 20_000 }),
  });
  fc.assert(
    fc.property(varied, ({ seed, everyMs, atOnce, startMs }) => {
      const random = randomOf(seed);
      const settleMs = 20 * (everyMs * (1 + atOnce) + startMs) + 120_000;
      const atMs = Array.from({ length: Math.ceil((settleMs + 600_000) / everyMs) }, (_, at) => at * everyMs);
      const serviceMs = atMs.map(() => everyMs * atOnce * (0.8 + 0.4 * random.next()));
      const given: Load = {
        ...{ bursts: [], startMs, windowMs: 60_000, minContainers: 0, maxContainers: 100, bufferContainers: 0 },
        ...{ maxInputs: 1, environmentCap: 100, batched: undefined },
      };
      const { decisions } = decisionsOf(given, { atMs, serviceMs });
      const lastMs = atMs.at(-1) ?? 0;
      const settled = decisions.filter(({ inputs }) => inputs.atMs >= settleMs && inputs.atMs <= lastMs);
      const desired = settled.map((decision) => decision.desired);
      expect(Math.max(...desired) - Math.min(...desired)).toBeLessThanOrEqual(2);
    }),
    inWorlds(WORLDS / 20),
  );
}, 600_000);

test("minContainers are back within one start time after any of them crash", () => {
  const world = fc.record({
    seed: fc.integer(),
    minContainers: fc.integer({ min: 1, max: 4 }),
    crashes: fc.array(fc.integer({ min: 2_000, max: 20_000 }), { minLength: 1, maxLength: 10 }),
  });
  fc.assert(
    fc.property(world, ({ seed, minContainers, crashes }) => {
      const startMs = { min: 20, max: 400 };
      const settings = parseFunctionOptions({ minContainers });
      const made = new World({ seed, settings, runMs: { min: 1, max: 50 }, failing: 0, startFailing: 0, startMs });
      for (const atMs of crashes) {
        made.clock.at(atMs, () => {
          // A crash before it is ready is a start that failed: after three of those starts pause.
          const ready = made.live.filter(({ id }) => made.core.containers.get(id)?.state === "ready");
          const container = made.random.pick(ready);
          if (container) made.fleet.crash(container);
        });
      }
      for (const atMs of [...crashes].sort((a, b) => a - b)) {
        made.clock.at(atMs, () => {
          const { starting, ready } = statsOf(made.core).containers;
          expect(starting + ready).toBeGreaterThanOrEqual(minContainers);
        });
      }
      made.clock.runFor(20_000);
      made.clock.runFor(startMs.max + 100);
      expect(statsOf(made.core).containers.ready).toBe(minContainers);
    }),
    inWorlds(WORLDS / 2),
  );
}, 600_000);
