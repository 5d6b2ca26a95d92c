/**
 * Which stored inputs come into memory when. An async call keeps a window of its inputs in memory and leaves the rest
 * in Postgres, so a million pending inputs cost a window. Loads are asked for in turns, so calls share the window.
 */
import type { Effect } from "./events.ts";
import type { Call, FunctionCore } from "./state.ts";

/** Async inputs queued in memory, per function, and the bytes of their values. */
const WINDOW_INPUTS = 4_096;
const WINDOW_BYTES = 8 * 1024 * 1024;
/** A load per small call costs more than its values in memory: arrived ones may take more than the window. */
const ARRIVED_BYTES = 64 * 1024 * 1024;
/** Inputs that wait for their retry keep their place in memory; past this many no more are loaded. */
const WINDOW_DELAYED = 65_536;
/** A call with fewer inputs queued in memory asks for more. */
const LOW_WATER = 1_024;
const MAX_PAGE = 2_048;
const MIN_PAGE = 64;
/** Wait before a load that brought nothing is repeated, in milliseconds: the inputs may not be committed yet. */
const REPEAT_MS = 100;
/** Doomed calls whose inputs are loaded at a time: enough to keep the journal busy, few enough to leave the others time. */
const DOOMED_LOADS = 4;

/** Whether async inputs that arrive in memory may stay there; otherwise they are loaded when their turn comes. */
export function mayStayInMemory(core: FunctionCore): boolean {
  return core.asyncBytes < ARRIVED_BYTES;
}

function hasRoom(core: FunctionCore): boolean {
  return (
    core.queued.async + core.loadsAsked < WINDOW_INPUTS &&
    core.asyncBytes < WINDOW_BYTES &&
    core.delayed < WINDOW_DELAYED
  );
}

/** Notes that the call has stored inputs to load, if it has and wants them now. */
export function wantLoad(core: FunctionCore, call: Call): void {
  if (!call.opened || call.loading > 0 || call.cursor >= call.storedTo) return;
  if (call.loadAgainAtMs > 0) core.stalledLoads.add(call);
  // What of a doomed call comes in goes out again at once, and sync calls have limits of their own: no need for room.
  else if (call.doom) core.wantLoadDoomed.add(call);
  else if (call.queueClass === "sync") core.wantLoadNow.add(call);
  else if (call.queued.length < LOW_WATER) core.wantLoad.add(call);
}

/** A load was answered; one that brought nothing is repeated after a while. */
export function loadAnswered(core: FunctionCore, call: Call, nextIndex: number, nowMs: number): void {
  endLoad(core, call);
  call.loadAgainAtMs = nextIndex > call.cursor ? 0 : nowMs + REPEAT_MS;
}

/** The call is about to be doomed: what is loaded of it from now on takes no room. */
export function loadOnlyToEnd(core: FunctionCore, call: Call): void {
  if (call.doom) return;
  core.wantLoad.delete(call);
  core.wantLoadNow.delete(call);
  if (call.loading === 0) return;
  core.loadsAsked -= call.loading;
  core.doomedLoads += 1;
}

/** The call is over: what was asked for it does not matter any more. */
export function forgetLoads(core: FunctionCore, call: Call): void {
  core.wantLoad.delete(call);
  core.wantLoadNow.delete(call);
  core.wantLoadDoomed.delete(call);
  core.stalledLoads.delete(call);
  endLoad(core, call);
}

function endLoad(core: FunctionCore, call: Call): void {
  if (call.loading === 0) return;
  if (call.doom) core.doomedLoads -= 1;
  else core.loadsAsked -= call.loading;
  call.loading = 0;
}

export function askLoads(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  for (const call of core.stalledLoads) {
    if (call.loadAgainAtMs > nowMs) continue;
    core.stalledLoads.delete(call);
    call.loadAgainAtMs = 0;
    wantLoad(core, call);
  }
  for (const call of core.wantLoadNow) {
    core.wantLoadNow.delete(call);
    ask(core, call, effects);
  }
  for (const call of core.wantLoadDoomed) {
    if (core.doomedLoads >= DOOMED_LOADS) break;
    core.wantLoadDoomed.delete(call);
    ask(core, call, effects);
  }
  for (const call of core.wantLoad) {
    if (!hasRoom(core)) return;
    core.wantLoad.delete(call);
    ask(core, call, effects);
  }
}

function ask(core: FunctionCore, call: Call, effects: Effect[]): void {
  call.loading = pageOf(core, call);
  if (call.doom) core.doomedLoads += 1;
  else core.loadsAsked += call.loading;
  effects.push({ type: "load", callId: call.callId, fromIndex: call.cursor, limit: call.loading });
}

/** Big enough to keep up, small enough for the other calls in want and for the size of the values. */
function pageOf(core: FunctionCore, call: Call): number {
  // Its values are dropped at once, and the answer is bounded in bytes anyway.
  if (call.doom) return MAX_PAGE;
  if (call.meanBytes === 0) return MIN_PAGE;
  const byCount = Math.max(MIN_PAGE, Math.min(MAX_PAGE, Math.floor(WINDOW_INPUTS / 2 / (core.wantLoad.size + 1))));
  return Math.max(1, Math.min(byCount, Math.floor(WINDOW_BYTES / 2 / call.meanBytes)));
}
