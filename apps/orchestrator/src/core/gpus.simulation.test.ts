/**
 * The promises about GPUs, kept in random worlds: no device twice, none leaked, nobody waits for what could be given, and
 * nobody waits for ever. First the line alone, then functions with real cores that compete for the devices of one host.
 * How many, and how one is run again: `testing/random-worlds.ts`.
 */
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { type GpuDevice, gpuRequestOf } from "@bellows/protocol/gpus";
import fc from "fast-check";
import { expect, test } from "vitest";
import { awaitGpus, gpuRoom, holdGpus, releaseGpus, takeGpus } from "./gpu-line.ts";
import { freeGpus, type GpuLine, gpuLineOf } from "./gpu-state.ts";
import { chooseGpus, usefulGpus } from "./gpus.ts";
import { randomOf } from "./seeded-random.ts";
import { statsOf } from "./stats.ts";
import { inWorlds, WORLDS } from "./testing/random-worlds.ts";
import { Clock } from "./testing/simulated-clock.ts";
import { World } from "./testing/simulated-world.ts";

/** Worlds of several functions, which take longer. */
const FEW = WORLDS / 10;

const hosts = fc.constantFrom(["H100:8"], ["H100:4", "A10G:2"], ["A10G:1"], ["T4:2", "A10G:2", "H100:3"]);
const wishes = fc.constantFrom(
  ["H100"],
  ["H100:2"],
  ["H100:8"],
  ["A10G", "H100"],
  ["any"],
  ["any:3"],
  ["H200", "A10G:2"],
);

function devicesOf(models: readonly string[]): GpuDevice[] {
  const names = models.map(gpuRequestOf).flatMap(({ name, count }) => Array.from({ length: count }, () => name));
  return names.map((name, index) => ({ id: String(index), name, memoryMiB: null }));
}

/** @throws Error when a device is in two containers, or neither free nor held. */
function checkDevices(line: GpuLine): void {
  const held = [...line.holders.values()].flatMap(({ gpus }) => gpus.map(({ id }) => id));
  if (new Set(held).size < held.length) throw new Error(`a device is held twice: ${held.join()}`);
  if (freeGpus(line).length + held.length !== line.devices.length) throw new Error("a device has got lost");
}

/** @throws Error when somebody waits although what is free would do, and nobody ahead has a use for any of it. */
function checkWaiting(line: GpuLine, nowMs: number): void {
  const free = freeGpus(line);
  const held = (functionId: string): number =>
    [...line.holders.values()]
      .filter((holder) => holder.functionId === functionId)
      .reduce((sum, { gpus }) => sum + gpus.length, 0);
  for (const [place, { functionId, requests }] of line.waiting.entries()) {
    const { more, why } = gpuRoom(line, { functionId, requests }, nowMs);
    if (more > 0) throw new Error(`${functionId} waits for what it could have: ${why}`);
    const isAhead = (other: string, at: number): boolean =>
      held(other) < held(functionId) || (held(other) === held(functionId) && at < place);
    const ahead = line.waiting.filter((other, at) => isAhead(other.functionId, at) && other.restsUntilMs === 0);
    const isKept = ahead.some((other) => usefulGpus(other.requests, free, line.devices).size > 0);
    if (chooseGpus(requests, free) && !isKept) throw new Error(`${functionId} waits for what nobody keeps: ${why}`);
  }
}

/** @throws Error when a function is not in the line with what its core believes that it waits for. */
function checkShort(line: GpuLine, worlds: readonly World[]): void {
  for (const [no, { core }] of worlds.entries()) {
    const waits = line.waiting.find(({ functionId }) => functionId === `function-${no}`)?.count ?? 0;
    if (waits === (core.gpusAwaited ?? 0)) continue;
    throw new Error(`function-${no} believes that it waits for ${core.gpusAwaited}, in the line it is with ${waits}`);
  }
}

test("no device is given twice or lost, and nobody waits for what could be given, whatever happens", () => {
  const step = fc.record({
    what: fc.constantFrom("wish", "wish", "end", "end", "time", "restart"),
    functionNo: fc.nat({ max: 4 }),
    size: fc.nat({ max: 10 }),
  });
  fc.assert(
    fc.property(
      hosts,
      fc.array(wishes, { minLength: 5, maxLength: 5 }),
      fc.array(step, { maxLength: 60 }),
      (host, gpus, steps) => {
        let line = gpuLineOf(devicesOf(host));
        let nowMs = 0;
        let made = 0;
        const wanted = new Map<string, number>();
        const wishOf = (functionId: string) => ({
          functionId,
          requests: (gpus[Number(functionId)] ?? []).map(gpuRequestOf),
        });
        /** What each engine does when it is told that something has changed. */
        const act = (): void => {
          for (const [functionId, count] of wanted) {
            let left = count;
            while (left > 0 && gpuRoom(line, wishOf(functionId), nowMs).more !== Number.POSITIVE_INFINITY) {
              if (!takeGpus(line, `container-${++made}`, wishOf(functionId), nowMs)) break;
              left -= 1;
            }
            wanted.set(functionId, left);
            const isImpossible = gpuRoom(line, wishOf(functionId), nowMs).more === Number.POSITIVE_INFINITY;
            awaitGpus(line, { ...wishOf(functionId), count: isImpossible ? 0 : left }, nowMs);
          }
        };
        for (const { what, functionNo, size } of steps) {
          nowMs += 1_000;
          if (what === "wish") wanted.set(String(functionNo), size);
          const container = [...line.holders.keys()][size % Math.max(1, line.holders.size)];
          if (what === "end" && container) releaseGpus(line, container);
          if (what === "time") nowMs += size * 200_000;
          if (what === "restart") {
            // The next orchestrator knows what the containers say they have, and who waits tells it anew.
            const found = line.holders;
            line = gpuLineOf(line.devices);
            for (const [containerId, holder] of found) holdGpus(line, containerId, holder);
          }
          // One round may leave to the next what it has made possible for somebody before.
          for (let round = 0; round < 5; round++) act();
          checkDevices(line);
          checkWaiting(line, nowMs);
        }
        for (let ends = 0; line.waiting.length > 0; ends++) {
          if (ends > 1_000) throw new Error(`${line.waiting.length} functions wait for ever`);
          const [oldest] = line.holders.keys();
          if (oldest) releaseGpus(line, oldest);
          for (let round = 0; round < 5; round++) act();
        }
        for (const containerId of [...line.holders.keys()]) releaseGpus(line, containerId);
        expect(freeGpus(line)).toEqual(line.devices);
      },
    ),
    inWorlds(),
  );
}, 600_000);

test("a wish for all devices is met although others always want single ones", () => {
  const longestMs = 300_000;
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), (seed, others) => {
      const random = randomOf(seed);
      const clock = new Clock();
      const line = gpuLineOf(devicesOf(["H100:8"]));
      const single = { requests: [gpuRequestOf("H100")] };
      const names = Array.from({ length: others }, (_, index) => `single-${index}`);
      let made = 0;
      const act = (): void => {
        for (const functionId of names) {
          for (;;) {
            const containerId = `container-${++made}`;
            if (!takeGpus(line, containerId, { ...single, functionId }, clock.nowMs)) break;
            clock.at(random.between(1, longestMs), () => {
              releaseGpus(line, containerId);
              act();
            });
          }
          awaitGpus(line, { ...single, functionId, count: 100 }, clock.nowMs);
        }
        checkDevices(line);
      };
      act();
      clock.runFor(random.between(0, 1_000_000));
      const big = { functionId: "big", requests: [gpuRequestOf("H100:8")] };
      awaitGpus(line, { ...big, count: 1 }, clock.nowMs);
      const sinceMs = clock.nowMs;
      while (gpuRoom(line, big, clock.nowMs).more === 0) {
        clock.runFor(1_000);
        // Those that had a turn before it, and what they took in it.
        if (clock.nowMs - sinceMs > 2 * longestMs) throw new Error("it is starved by the small ones");
      }
    }),
    inWorlds(300),
  );
}, 600_000);

const call = fc.record({
  atMs: fc.integer({ min: 0, max: 20_000 }),
  what: fc.constantFrom("map", "map", "map", "crash", "restart", "cancel", "deploy"),
  functionNo: fc.nat({ max: 2 }),
  size: fc.integer({ min: 1, max: 40 }),
});

test("functions that compete for the devices of a host all get done, wait for no less than they want, and hold none at rest", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(wishes, { minLength: 3, maxLength: 3 }),
      fc.array(call, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(0, 0, 0.3),
      fc.boolean(),
      (seed, gpus, calls, startFailing, singleUseContainers) => {
        const clock = new Clock();
        const line = gpuLineOf(devicesOf(["H100:8", "A10G:2"]));
        const worlds: World[] = [];
        const freed = (): void => {
          checkDevices(line);
          clock.at(0, () => {
            for (const world of worlds) world.feed({ type: "tick" });
          });
        };
        const settings = (gpu: readonly string[]) =>
          parseFunctionOptions({ gpu: [...gpu], scaledownWindow: "3s", retries: 2, singleUseContainers });
        for (const [no, gpu] of gpus.entries()) {
          const options = { runMs: { min: 5, max: 800 }, failing: 0.05, startMs: { min: 20, max: 400 }, startFailing };
          const of = { line, functionId: `function-${no}`, freed };
          worlds.push(new World({ ...options, seed: seed + no, settings: settings(gpu), gpus: of, clock }));
        }
        for (const { atMs, what, functionNo, size } of calls) {
          const world = worlds[functionNo];
          if (world) clock.at(atMs, () => act(world, what, size, () => settings(gpus[size % 3] ?? ["any"])));
        }
        for (let steps = 0; steps < 100; steps++) {
          clock.runFor(200);
          checkShort(line, worlds);
        }
        for (const { fleet } of worlds) fleet.faults = false;
        const isBusy = (): boolean => worlds.some(({ store }) => store.unfinished.length > 0);
        for (let minutes = 0; minutes < 120 && isBusy(); minutes++) {
          clock.runFor(60_000);
          checkDevices(line);
          checkWaiting(line, clock.nowMs);
          checkShort(line, worlds);
        }
        for (const world of worlds) world.checkFinished();
        clock.runFor(70_000);
        for (const { core } of worlds) expect(statsOf(core).containers).toEqual({ starting: 0, ready: 0, draining: 0 });
        expect([line.holders.size, line.waiting.length]).toEqual([0, 0]);
      },
    ),
    inWorlds(FEW),
  );
}, 600_000);

test("a wish for all devices is met within a minute or so although others always have work, and they go on after it", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 50, max: 10_000 }),
      fc.boolean(),
      (seed, others, runMs, singleUseContainers) => {
        const clock = new Clock();
        const line = gpuLineOf(devicesOf(["H100:8"]));
        const worlds: World[] = [];
        const freed = (): void => {
          clock.at(0, () => {
            for (const world of worlds) world.feed({ type: "tick" });
          });
        };
        const add = (functionId: string, gpu: string): World => {
          const options = {
            runMs: { min: runMs, max: runMs },
            failing: 0,
            startMs: { min: 20, max: 400 },
            startFailing: 0,
          };
          const settings = parseFunctionOptions({ gpu, scaledownWindow: "20m", singleUseContainers });
          const world = new World({ ...options, seed, settings, gpus: { line, functionId, freed }, clock });
          worlds.push(world);
          return world;
        };
        for (let no = 0; no < others; no++) {
          add(`busy-${no}`, "H100").call("spawnMap", [200_000], { close: true, stored: true });
        }
        clock.runFor(60_000);
        const big = add("big", "H100:8");
        for (let round = 0; round < 3; round++) {
          const sinceMs = clock.nowMs;
          const callId = big.call("remote", [1], { close: true, stored: false });
          while (!big.store.calls.get(callId)?.finished) {
            clock.runFor(500);
            checkDevices(line);
            // The while before others give way, a container's minimum, what runs, and its own start and run.
            if (clock.nowMs - sinceMs > 65_000 + 4 * runMs) throw new Error("it is starved by the busy ones");
          }
          const begun = worlds.slice(0, others).map((world) => world.begun.length);
          clock.runFor(65_000 + 4 * runMs);
          for (const [no, before] of begun.entries()) {
            expect(worlds[no]?.begun.length, `inputs of busy-${no}`).toBeGreaterThan(before);
          }
        }
      },
    ),
    inWorlds(10),
  );
}, 600_000);

test("functions that always have work share the devices evenly, and stay with what they have", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 2, max: 4 }), (seed, functions) => {
      const clock = new Clock();
      const line = gpuLineOf(devicesOf(["H100:8"]));
      const worlds: World[] = [];
      const freed = (): void => {
        clock.at(0, () => {
          for (const world of worlds) world.feed({ type: "tick" });
        });
      };
      for (let no = 0; no < functions; no++) {
        const options = {
          runMs: { min: 500, max: 2_000 },
          failing: 0,
          startMs: { min: 20, max: 400 },
          startFailing: 0,
        };
        const of = { line, functionId: `function-${no}`, freed };
        worlds.push(
          new World({ ...options, seed: seed + no, settings: parseFunctionOptions({ gpu: "H100" }), gpus: of, clock }),
        );
        clock.at(no * 5_000, () => worlds[no]?.call("spawnMap", [200_000], { close: true, stored: true }));
      }
      clock.runFor(600_000);
      const shares = (): number[] => worlds.map(({ live }) => live.length);
      const settled = shares();
      expect(Math.max(...settled) - Math.min(...settled)).toBeLessThanOrEqual(1);
      const containers = worlds.flatMap(({ live }) => live.map(({ id }) => id));
      clock.runFor(300_000);
      expect(worlds.flatMap(({ live }) => live.map(({ id }) => id))).toEqual(containers);
    }),
    inWorlds(10),
  );
}, 600_000);

test("a function whose every input has a container of its own gets as many devices as the others, and nobody is starved", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.boolean(), { minLength: 2, maxLength: 3 }),
      fc.integer({ min: 500, max: 10_000 }),
      (seed, singleUse, runMs) => {
        const clock = new Clock();
        const line = gpuLineOf(devicesOf(["H100:8"]));
        const worlds: World[] = [];
        const freed = (): void => {
          clock.at(0, () => {
            for (const world of worlds) world.feed({ type: "tick" });
          });
        };
        for (const [no, singleUseContainers] of singleUse.entries()) {
          const options = { runMs: { min: runMs, max: runMs }, failing: 0, startMs: { min: 20, max: 400 } };
          const of = { line, functionId: `function-${no}`, freed };
          const settings = parseFunctionOptions({ gpu: "H100", singleUseContainers });
          worlds.push(new World({ ...options, startFailing: 0, seed: seed + no, settings, gpus: of, clock }));
          clock.at(no * 60_000, () => worlds[no]?.call("spawnMap", [200_000], { close: true, stored: true }));
        }
        // Half a minute for each device that has to change hands, and as long for its container's end and start.
        clock.runFor(singleUse.length * 60_000 + 8 * 45_000);
        const seconds = 120;
        const held = worlds.map(() => 0);
        for (let second = 0; second < seconds; second++) {
          clock.runFor(1_000);
          checkShort(line, worlds);
          for (const { functionId, gpus } of line.holders.values()) {
            const no = Number(functionId.slice("function-".length));
            held[no] = (held[no] ?? 0) + gpus.length / seconds;
          }
        }
        const fair = 8 / worlds.length;
        for (const [no, share] of held.entries()) {
          expect(Math.abs(share - fair), `devices of function-${no}: ${share}`).toBeLessThan(1);
        }
      },
    ),
    inWorlds(10),
  );
}, 600_000);

function act(world: World, what: string, size: number, settings: () => ReturnType<typeof parseFunctionOptions>): void {
  const { random } = world;
  const container = random.pick(world.live);
  if (what === "map") world.call("map", [size], { close: true, stored: false });
  if (what === "crash" && container) world.fleet.crash(container);
  if (what === "restart") world.restart(random.between(1, 500), false);
  if (what === "deploy") world.deploy(settings(), random.chance(0.5));
  const unfinished = random.pick(world.store.unfinished);
  if (what === "cancel" && unfinished) world.cancel(unfinished.callId, random.chance(0.5));
}
