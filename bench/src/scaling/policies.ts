/** Who is compared: Bellows with its defaults and with a longer window, and the peers with theirs. */
import type { ScalingPolicy } from "@bellows/orchestrator/autoscale";
import type { FunctionOptions } from "@bellows/protocol/function-options";
import { beta9 } from "./peers/beta9.ts";
import { keda } from "./peers/keda.ts";
import { knative } from "./peers/knative.ts";
import { rayServe } from "./peers/ray-serve.ts";

export interface Contender {
  name: string;
  isOurs: boolean;
  options: FunctionOptions;
  /** A new one for each run; Bellows's own when left out. */
  policy?: () => ScalingPolicy;
}

export const CONTENDERS: readonly Contender[] = [
  { name: "Bellows", isOurs: true, options: {} },
  { name: "Bellows, window 5 min", isOurs: true, options: { scaledownWindow: "5m" } },
  { name: "Knative", isOurs: false, options: {}, policy: knative },
  { name: "Ray Serve", isOurs: false, options: {}, policy: () => rayServe(2) },
  { name: "Ray Serve, target 1", isOurs: false, options: {}, policy: () => rayServe(1) },
  { name: "KEDA", isOurs: false, options: {}, policy: keda },
  { name: "beta9 queue", isOurs: false, options: {}, policy: () => beta9(10_000) },
  { name: "beta9 endpoint", isOurs: false, options: {}, policy: () => beta9(180_000) },
];
