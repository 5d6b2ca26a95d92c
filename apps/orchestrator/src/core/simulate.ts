/**
 * A function in virtual time: the core as it is, driven over a list of arrivals with a model of service, start and batch
 * times. Nothing is lost, fails or is cut off here, and messages take no time: what is measured is the scaling, and
 * the same arguments always give the same answer.
 */
import type { CoreEvent, Effect } from "./events.ts";
import { createFunctionCore, stepMany } from "./function-core.ts";
import { SimulatedContainers } from "./simulated-containers.ts";
import { SimulatedCounts } from "./simulated-counts.ts";
import type { Simulation, SimulationResult } from "./simulation.ts";
import type { FunctionCore } from "./state.ts";

const DEPLOYMENT = "simulated";
const CALL = "simulated";
const NO_COUNTS = { succeeded: 0, failed: 0, cancelled: 0 };
const VALUE = new Uint8Array(0);

export function simulate(simulation: Simulation): SimulationResult {
  const { settings, arrivals, environmentCap, untilMs } = simulation;
  const core = createFunctionCore({
    settings,
    deploymentId: DEPLOYMENT,
    recovering: false,
    environmentCap,
    ...(simulation.policy ? { policy: simulation.policy } : {}),
    ...(simulation.batchRule ? { batchRule: simulation.batchRule } : {}),
  });
  const counts = new SimulatedCounts(simulation);
  const containers = new SimulatedContainers(simulation, counts);
  const world: World = {
    core,
    containers,
    wakeAtMs: Number.POSITIVE_INFINITY,
    tickAtMs: Number.POSITIVE_INFINITY,
  };
  const total = arrivals.atMs.length;
  perform(world, counts, [openCall(total)], 0);
  for (let arrived = 0; ; ) {
    const arrivesAtMs = arrived < total ? (arrivals.atMs[arrived] ?? 0) : Number.POSITIVE_INFINITY;
    const nowMs = Math.min(arrivesAtMs, containers.nextMs, world.wakeAtMs, world.tickAtMs);
    if (nowMs > untilMs) break;
    const events = containers.due(nowMs);
    if (arrivesAtMs <= nowMs) {
      const first = arrived;
      while (arrived < total && (arrivals.atMs[arrived] ?? 0) <= nowMs) arrived += 1;
      events.push(arrival(first, arrived));
      counts.arrived(nowMs, arrived - first);
    }
    if (world.wakeAtMs <= nowMs) world.wakeAtMs = Number.POSITIVE_INFINITY;
    // As the engine does each second; it matters only to those who wait behind a batch.
    const isWaiting = settings.batched !== null && core.queued.sync > 0;
    world.tickAtMs = isWaiting ? (Math.floor(nowMs / TICK_MS) + 1) * TICK_MS : Number.POSITIVE_INFINITY;
    if (events.length === 0) events.push(TICK);
    perform(world, counts, events, nowMs);
  }
  containers.endAll(untilMs);
  return counts.result(untilMs);
}

interface World {
  readonly core: FunctionCore;
  readonly containers: SimulatedContainers;
  wakeAtMs: number;
  tickAtMs: number;
}

const TICK_MS = 1_000;

/** The core asks for it with `wake` where time alone changes something, but for what the engine's tick each second finds. */
const TICK: CoreEvent = { type: "tick" };

/** Feeds events, performs what the core asks for, and feeds what follows from that at once. */
function perform(world: World, counts: SimulatedCounts, first: CoreEvent[], nowMs: number): void {
  for (let events = first; events.length > 0; ) {
    const effects = stepMany(world.core, events, nowMs);
    events = [];
    for (const effect of effects) performOne(world, counts, effect, nowMs, events);
  }
  const { core, containers } = world;
  counts.observe(nowMs, core.queued.sync + core.prefetched, core.begun.sync, containers.count);
}

function performOne(world: World, counts: SimulatedCounts, effect: Effect, nowMs: number, events: CoreEvent[]): void {
  switch (effect.type) {
    case "run":
      return world.containers.run(effect.containerId, effect.inputs, nowMs);
    case "recall":
      return world.containers.recall(effect.containerId, effect.attempts, events);
    case "startContainers":
      for (let started = 0; started < effect.count; started++) {
        events.push({
          type: "containerStarting",
          containerId: world.containers.start(nowMs),
          deploymentId: effect.deploymentId,
        });
      }
      return;
    case "drain":
    case "kill":
      world.containers.end(effect.containerId, nowMs);
      events.push({ type: "containerGone", containerId: effect.containerId, error: null });
      return;
    case "output":
      counts.finished += 1;
      return;
    case "decided":
      counts.decisions += 1;
      return;
    case "wake":
      world.wakeAtMs = effect.atMs;
      return;
    case "awaitGpus":
    case "attemptFailed":
    case "cancelAttempts":
    case "load":
    case "callFinished":
      return;
    default:
      effect satisfies never;
  }
}

/** All inputs are of one call. It is known how many there are, so that nobody waits for the end of a source. */
function openCall(inputCount: number): CoreEvent {
  return {
    type: "callOpened",
    callId: CALL,
    kind: "map",
    inputCount,
    storedCount: 0,
    counts: NO_COUNTS,
    parent: null,
  };
}

function arrival(first: number, end: number): CoreEvent {
  const inputs = [];
  for (let index = first; index < end; index++) {
    inputs.push({ index, value: VALUE, failedAttempts: 0, lostAttempts: 0, lastAttempt: 0 });
  }
  return { type: "inputsArrived", callId: CALL, inputs };
}
