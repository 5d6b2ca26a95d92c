import type { FunctionSettings } from "@bellows/protocol/function-options";

export type AutoscalerSettings = Pick<
  FunctionSettings,
  "minContainers" | "maxContainers" | "bufferContainers" | "scaledownWindowMs" | "scaleupWindowMs" | "targetInputs"
>;

/** What capped the number of containers below the need, or null. */
export type ScalingCap = "maxContainers" | "environment" | "degraded" | null;

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
