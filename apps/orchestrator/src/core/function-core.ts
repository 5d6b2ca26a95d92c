/**
 * The whole judgement of one function: events in, effects out, deterministic. Time is an argument; the memory is
 * changed in place. Dispatch and scaling are evaluated once per burst of events, after the last one.
 */
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { noArrivals } from "./arrivals.ts";
import { arrive, loaded, stored } from "./arrive.ts";
import { attemptsEnded, attemptsLost, attemptsReturned, attemptsStarted } from "./attempts.ts";
import type { ScalingPolicy } from "./autoscale.ts";
import { autoscaler } from "./autoscaler.ts";
import { nextBatchAtMs } from "./batch.ts";
import { whenRipe } from "./batch-rule.ts";
import { finishIfDone, forgetNeverOpened, openCall } from "./calls.ts";
import { cancelCall } from "./cancel.ts";
import {
  containerGone,
  containerReady,
  containerStartFailed,
  containerStarting,
  containerUnlinked,
  endSlowStarts,
  endUnreachable,
  retireAllUnwanted,
  takeBackMissing,
} from "./containers.ts";
import { dispatch } from "./dispatch.ts";
import { earliest, emptyDueTimes } from "./due-times.ts";
import type { CoreEvent, Effect } from "./events.ts";
import { failWaitingForStart } from "./fail-waiting.ts";
import { endUnaccountedGenerators } from "./generators.ts";
import { giveWay } from "./give-way.ts";
import { emptyList } from "./linked-list.ts";
import { askLoads, wantLoad } from "./loading.ts";
import { forgetTimes } from "./measured-times.ts";
import { enqueueDue } from "./queue.ts";
import { recallForFree, recallFromStalled } from "./recall.ts";
import { scale } from "./scale.ts";
import { forgetStarts, isDegraded, noStartFailures } from "./start-failures.ts";
import type { BatchRule, FunctionCore } from "./state.ts";
import { retire } from "./victims.ts";

export function createFunctionCore(init: {
  settings: FunctionSettings;
  deploymentId: string;
  /** Containers of an earlier process may come back: nothing is sent and nothing scaled before `recovered`. */
  recovering: boolean;
  environmentCap: number;
  /** What decides how many containers there are; Bellows's own when left out. */
  policy?: ScalingPolicy;
  /** What decides when a batch goes out; Bellows's own when left out. */
  batchRule?: BatchRule;
}): FunctionCore {
  const { policy = autoscaler(), batchRule = whenRipe, ...given } = init;
  return {
    ...given,
    gpus: null,
    gpusAwaited: 0,
    stopped: false,
    calls: new Map(),
    neverOpened: new Set(),
    endedCalls: new Map(),
    endedRing: [],
    endedRingAt: 0,
    containers: new Map(),
    rounds: { sync: emptyList(), async: emptyList() },
    suspects: emptyList(),
    reserved: null,
    alone: 0,
    queued: { sync: 0, async: 0 },
    asyncBytes: 0,
    delayed: 0,
    tail: 0,
    begun: { sync: 0, async: 0 },
    prefetched: 0,
    sharedBatches: 0,
    arrivals: noArrivals(),
    batchRule,
    children: new Map(),
    dueTimes: emptyDueTimes(),
    wantLoad: new Set(),
    wantLoadNow: new Set(),
    wantLoadDoomed: new Set(),
    stalledLoads: new Set(),
    loadsAsked: 0,
    doomedLoads: 0,
    buckets: [],
    freeContainers: 0,
    hungry: [],
    prefetching: new Set(),
    missing: [],
    outboxes: [],
    census: { starting: 0, ready: 0, lost: 0, draining: 0 },
    requested: 0,
    requestedAtMs: 0,
    runMs: null,
    runsMeasured: 0,
    runEndedMs: null,
    batchTimes: [],
    startMs: null,
    timesBefore: { runMs: null, startMs: null },
    scaling: { policy, last: null },
    startFailures: noStartFailures(init.recovering),
    stallCheckAtMs: null,
    wakeAtMs: Number.POSITIVE_INFINITY,
  };
}

export function step(core: FunctionCore, event: CoreEvent, nowMs: number): Effect[] {
  const effects: Effect[] = [];
  handle(core, event, nowMs, effects);
  settle(core, nowMs, effects);
  return effects;
}

/** The same as `step` for each event, with one evaluation at the end. */
export function stepMany(core: FunctionCore, events: readonly CoreEvent[], nowMs: number): Effect[] {
  const effects: Effect[] = [];
  for (const event of events) handle(core, event, nowMs, effects);
  settle(core, nowMs, effects);
  return effects;
}

function handle(core: FunctionCore, event: CoreEvent, nowMs: number, effects: Effect[]): void {
  switch (event.type) {
    case "attemptsEnded":
      return attemptsEnded(core, event, nowMs, effects);
    case "attemptsStarted":
      return attemptsStarted(core, event, nowMs, effects);
    case "attemptsReturned":
      return attemptsReturned(core, event, nowMs, effects);
    case "attemptsLost":
      return attemptsLost(core, event, nowMs, effects);
    case "callOpened":
      return callOpened(core, event, nowMs, effects);
    case "inputsArrived":
    case "inputsStored":
    case "inputsLoaded":
    case "callClosed":
    case "callCancelled":
      return callChanged(core, event, nowMs, effects);
    case "containerStarting":
      return containerStarting(core, event, nowMs, effects);
    case "containerReady":
      return containerReady(core, event, nowMs, effects);
    case "containerUnlinked":
      return containerUnlinked(core, event, nowMs);
    case "containerStartFailed":
      return containerStartFailed(core, event, nowMs, effects);
    case "containerGone":
      return containerGone(core, event, nowMs, effects);
    case "containerStopAsked":
      return containerStopAsked(core, event, effects);
    case "deployed":
      return deployed(core, event, effects);
    case "capChanged":
      core.environmentCap = event.environmentCap;
      return;
    case "gpusChanged":
      core.gpus = event.gpus;
      return;
    case "startsRefused":
      return startsRefused(core, event);
    case "stopped":
      return stopped(core, nowMs, effects);
    case "recovered":
      return recovered(core, nowMs, effects);
    case "tick":
      return tick(core, nowMs, effects);
    default:
      return event satisfies never;
  }
}

type Of<T extends CoreEvent["type"]> = Extract<CoreEvent, { type: T }>;

function callOpened(core: FunctionCore, event: Of<"callOpened">, nowMs: number, effects: Effect[]): void {
  const call = openCall(core, event, nowMs);
  if (!call) return;
  if (core.stopped) return cancelCall(core, call, false, nowMs, effects);
  wantLoad(core, call);
  finishIfDone(core, call, nowMs, effects);
}

/** A call that is unknown here is over: what is still said to it changes nothing. */
function callChanged(
  core: FunctionCore,
  event: Of<"inputsArrived" | "inputsStored" | "inputsLoaded" | "callClosed" | "callCancelled">,
  nowMs: number,
  effects: Effect[],
): void {
  const call = core.calls.get(event.callId);
  if (!call?.opened) return;
  switch (event.type) {
    case "inputsArrived":
      return arrive(core, call, event.inputs, nowMs, effects);
    case "inputsStored":
      return stored(core, call, call.storedTo + event.count);
    case "inputsLoaded":
      return loaded(core, call, event, nowMs, effects);
    case "callClosed":
      // A cancelled call was closed by its cancellation; that fewer will come may still be learnt.
      call.inputCount = call.cancelled
        ? Math.min(call.inputCount ?? event.inputCount, event.inputCount)
        : event.inputCount;
      return finishIfDone(core, call, nowMs, effects);
    case "callCancelled":
      return cancelCall(core, call, event.terminateContainers, nowMs, effects);
    default:
      return event satisfies never;
  }
}

function containerStopAsked(core: FunctionCore, event: Of<"containerStopAsked">, effects: Effect[]): void {
  const container = core.containers.get(event.containerId);
  if (container) retire(core, container, event.reason, effects);
}

function startsRefused(core: FunctionCore, { count, deploymentId }: Of<"startsRefused">): void {
  if (deploymentId === core.deploymentId) core.requested = Math.max(0, core.requested - count);
}

function deployed(core: FunctionCore, event: Of<"deployed">, effects: Effect[]): void {
  // Which ones it waits for may be others from now on.
  if (core.gpusAwaited) core.gpusAwaited = null;
  core.settings = event.settings;
  core.stopped = false;
  if (event.deploymentId !== core.deploymentId) {
    core.deploymentId = event.deploymentId;
    core.requested = 0;
    forgetTimes(core);
    forgetStarts(core.startFailures);
  }
  if (!core.recovering) retireAllUnwanted(core, effects);
}

function stopped(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  core.stopped = true;
  core.requested = 0;
  for (const call of [...core.calls.values()]) if (call.opened) cancelCall(core, call, false, nowMs, effects);
  retireAllUnwanted(core, effects);
}

function recovered(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  core.recovering = false;
  endUnaccountedGenerators(core, nowMs, effects);
  retireAllUnwanted(core, effects);
}

/** What need not be looked at more often than once a second. */
function tick(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  forgetNeverOpened(core, nowMs);
  endSlowStarts(core, nowMs, effects);
  endUnreachable(core, nowMs, effects);
}

/** Everything that follows from the present state and time, in an order in which no effect contradicts an earlier one. */
function settle(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  takeBackMissing(core, nowMs, effects);
  enqueueDue(core, nowMs);
  failWaitingForStart(core, nowMs, effects);
  if (!core.recovering) {
    dispatch(core, nowMs, effects);
    recallFromStalled(core, nowMs, effects);
    recallForFree(core, effects);
  }
  askLoads(core, nowMs, effects);
  giveWay(core, nowMs, effects);
  scale(core, nowMs, effects);
  wake(core, nowMs, effects);
}

/** Asks for the earliest time at which something would follow from time alone. */
function wake(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  const { scaling, startFailures } = core;
  let atMs = earliest(core.dueTimes) ?? Number.POSITIVE_INFINITY;
  if (core.stallCheckAtMs !== null) atMs = Math.min(atMs, core.stallCheckAtMs);
  if (core.missing[0]?.missingUntilMs) atMs = Math.min(atMs, core.missing[0].missingUntilMs);
  if (isDegraded(startFailures) && startFailures.pausedUntilMs > nowMs)
    atMs = Math.min(atMs, startFailures.pausedUntilMs);
  atMs = Math.min(atMs, nextBatchAtMs(core, nowMs), scaling.policy.nextChangeMs());
  atMs = Math.max(atMs, nowMs + 1);
  // One that is due before is kept: it comes, and what it finds is asked for anew.
  if (atMs >= core.wakeAtMs && core.wakeAtMs > nowMs) return;
  core.wakeAtMs = atMs;
  if (atMs < Number.POSITIVE_INFINITY) effects.push({ type: "wake", atMs });
}
