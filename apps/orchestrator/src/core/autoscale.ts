/**
 * The boundary of scaling: what a policy is told and what it answers. A decision is a value with its numbers; its words are
 * made from them (`scaling-reason.ts`). Bellows's own policy is in `autoscaler.ts`; the simulator tries others.
 */
import type { FunctionSettings } from "@bellows/protocol/function-options";
import type { GpuRoom } from "./gpu-state.ts";
import type { KeptBecause } from "./need-levels.ts";

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
  /** What takes one slot of a container; an input when left out. `queued` and `running` count these. */
  unit?: "input" | "batch";
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
  /** Mean milliseconds that a unit runs, and that a container takes to start; null or left out while unknown. */
  runMs?: number | null;
  startMs?: number | null;
  /** Of how many units it is the mean; none when left out, then it is a guess. */
  runsMeasured?: number;
  /** When the last unit ended; null or left out before the first. */
  runEndedMs?: number | null;
  /** A container does one unit and no more. */
  singleUse?: boolean;
  mode: "normal" | "recovering" | "stopped" | "degraded";
}

/** A decision without its words, which are made only when somebody reads them. */
export interface Scaled {
  inputs: ScalingInputs;
  /** By the load alone. */
  wanted: number;
  /** Within the bounds, and without those that could not help. */
  need: number;
  desired: number;
  /** Those that are starting are let come up to this many, although fewer would do. */
  welcome: number;
  /** As how long a unit was taken to run; null while that is not known. */
  runMs: number | null;
  /** How many that are wanted would be ready too late to help. */
  tooLate: number;
  /** How long an idle container above the need is kept, and why. */
  keptMs: number;
  keptBecause: KeptBecause;
  /** How many more it would have if there were GPUs for them. */
  gpusShort: number;
  cappedBy: ScalingCap;
}

/** Decides for one function, whose memory of it this is. */
export interface ScalingPolicy {
  decide(inputs: ScalingInputs): Scaled;
  /** When the answer to the same inputs may be another one by time alone; infinite when never. */
  nextChangeMs(): number;
}
