/**
 * How many containers a function should have: a pure decision with its numbers and its reason in words.
 * Up at once (or when the demand has lasted scaleupWindow), down only to the highest need of scaledownWindow, so a
 * constant load never makes it swing. Without knowledge (recovery) the present number is held.
 */
import { formatDuration } from "@bellows/protocol/duration";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import type { GpuRoom } from "./gpu-state.ts";
import { emptyNeedWindow, type NeedWindow, nextChangeMs, noteNeed } from "./need-window.ts";

export type AutoscalerSettings = Pick<
  FunctionSettings,
  "minContainers" | "maxContainers" | "bufferContainers" | "scaledownWindowMs" | "scaleupWindowMs" | "targetInputs"
>;

/** What capped the number of containers below the need, or null. */
export type ScalingCap = "maxContainers" | "environment" | "degraded" | "gpus" | null;

/** One decision: the desired number of containers, the numbers it was made from, and the reason in words. */
export interface ScalingDecision {
  atMs: number;
  desired: number;
  reason: string;
  queued: number;
  running: number;
  current: number;
  cappedBy: ScalingCap;
}

export interface ScalingInputs {
  atMs: number;
  settings: AutoscalerSettings;
  environmentCap: number;
  queued: number;
  running: number;
  /** Those of both that need a container of their own. */
  alone?: number;
  /** Containers that take or will take inputs: starting, ready, and cut off for a while. */
  current: number;
  /** Those of them that are not starting. */
  started: number;
  /** What the host's GPUs leave it; null or left out for a function that wants none. */
  gpus?: GpuRoom | null;
  /** Mean run time of a unit and mean time of a start in milliseconds; null while unknown. */
  runMs?: number | null;
  startMs?: number | null;
  mode: "normal" | "recovering" | "stopped" | "degraded";
}

/** Decides for one function, from then to now: times never go back. */
export interface ScalingPolicy {
  decide(inputs: ScalingInputs): Scaled;
  /** When the answer to the same inputs would be another one by time alone; null when it would not. */
  nextChangeMs(settings: AutoscalerSettings): number | null;
}

export interface ScalingState {
  readonly down: NeedWindow;
  readonly up: NeedWindow;
  last: Scaled | null;
}

export function ownPolicy(): ScalingPolicy {
  const state = newScalingState();
  return {
    decide: (inputs) => decide(state, inputs),
    nextChangeMs: (settings) => nextChangeMs(state.down, settings.scaledownWindowMs),
  };
}

/** A decision without its words, which are made only when somebody reads them. */
export interface Scaled {
  inputs: ScalingInputs;
  /** By the load alone. */
  wanted: number;
  /** Within the bounds. */
  need: number;
  desired: number;
  /** How many more it would have if there were GPUs for them. */
  gpusShort: number;
  cappedBy: ScalingCap;
}

export function newScalingState(): ScalingState {
  return { down: emptyNeedWindow("highest"), up: emptyNeedWindow("lowest"), last: null };
}

export function decide(state: ScalingState, inputs: ScalingInputs): Scaled {
  const { settings, atMs, current, mode } = inputs;
  const load = inputs.queued + inputs.running;
  const alone = inputs.alone ?? 0;
  const shared = Math.ceil(Math.max(0, load - alone) / settings.targetInputs);
  const wanted = load > 0 ? alone + shared + settings.bufferContainers : 0;
  const ceiling = Math.min(settings.maxContainers, inputs.environmentCap);
  const floor = Math.min(settings.minContainers, ceiling);
  const need = mode === "stopped" ? 0 : Math.max(floor, Math.min(wanted, ceiling));
  const lowest = noteNeed(state.up, need, atMs, settings.scaleupWindowMs);
  // What was found after a restart was needed before it: it is kept for a window.
  const needed = mode === "recovering" ? Math.max(need, current) : need;
  const highest = noteNeed(state.down, needed, atMs, settings.scaledownWindowMs);
  const scaled: Scaled = {
    inputs,
    wanted,
    need,
    desired: need,
    gpusShort: 0,
    cappedBy: capOf(inputs, wanted, ceiling),
  };
  state.last = scaled;
  if (mode === "stopped") return scaled;
  if (mode === "recovering") {
    scaled.desired = current;
    return scaled;
  }
  const lasting = Math.max(floor, settings.scaleupWindowMs > 0 ? Math.min(need, lowest) : need);
  scaled.desired = Math.max(lasting, Math.min(current, highest, ceiling));
  if (mode === "degraded" && scaled.desired > inputs.started) {
    scaled.desired = inputs.started + 1;
    scaled.cappedBy = "degraded";
  }
  clampToGpus(scaled);
  return scaled;
}

/** Last, and outside of the windows: a device that comes free is used at once, not after scaleupWindow. */
function clampToGpus(scaled: Scaled): void {
  const { gpus, current } = scaled.inputs;
  if (!gpus || scaled.desired <= current + gpus.more) return;
  scaled.gpusShort = scaled.desired - current - gpus.more;
  scaled.desired = current + gpus.more;
  scaled.cappedBy = "gpus";
}

export function decisionOf(scaled: Scaled): ScalingDecision {
  const { inputs, desired, cappedBy } = scaled;
  const { atMs, queued, running, current } = inputs;
  return { atMs, desired, reason: reasonOf(scaled), queued, running, current, cappedBy };
}

/** Such as `wanted 7: 31 in flight / target 5; capped by maxContainers 5`. */
export function reasonOf({ inputs, wanted, need, desired, cappedBy }: Scaled): string {
  const { settings, mode } = inputs;
  if (mode === "stopped") return "the app is stopped";
  if (mode === "recovering") return `holding ${desired}: finding the containers that ran before the restart`;
  const load = inputs.queued + inputs.running;
  const buffer = load > 0 && settings.bufferContainers > 0 ? ` + buffer ${settings.bufferContainers}` : "";
  const alone = inputs.alone ? `, ${inputs.alone} of them each alone` : "";
  const parts = [
    load > 0
      ? `wanted ${wanted}: ${load} in flight / target ${settings.targetInputs}${alone}${buffer}`
      : "wanted 0: nothing in flight",
  ];
  if (cappedBy === "maxContainers") parts.push(`capped by maxContainers ${settings.maxContainers}`);
  if (cappedBy === "environment")
    parts.push(`capped by the environment, which has room for ${inputs.environmentCap} of them`);
  if (cappedBy === "gpus") {
    if (need > wanted) parts.push(`raised to minContainers ${settings.minContainers}`);
    parts.push(`waiting for a GPU: ${inputs.gpus?.why}`);
  } else if (cappedBy === "degraded") parts.push("starts keep failing, so one at a time is tried after a pause");
  else if (desired > need) {
    parts.push(
      `keeping ${desired} until the need has been lower for scaledownWindow ${formatDuration(settings.scaledownWindowMs)}`,
    );
  } else if (desired < need) {
    parts.push(`waiting until the demand has lasted scaleupWindow ${formatDuration(settings.scaleupWindowMs)}`);
  } else if (need > wanted) parts.push(`raised to minContainers ${settings.minContainers}`);
  return parts.join("; ");
}

function capOf({ settings, environmentCap }: ScalingInputs, wanted: number, ceiling: number): ScalingCap {
  if (wanted <= ceiling) return null;
  return environmentCap < settings.maxContainers ? "environment" : "maxContainers";
}
