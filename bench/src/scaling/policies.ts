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
  /** In plots. */
  colour: string;
  /** A new one for each run; Bellows's own when left out. */
  policy?: () => ScalingPolicy;
}

export const CONTENDERS: readonly Contender[] = [
  { name: "Bellows", isOurs: true, colour: "#ea580c", options: {} },
  { name: "Bellows, window 5 min", isOurs: true, colour: "#f59e0b", options: { scaledownWindow: "5m" } },
  { name: "Knative", isOurs: false, colour: "#2563eb", options: {}, policy: knative },
  { name: "Ray Serve", isOurs: false, colour: "#7c3aed", options: {}, policy: () => rayServe(2) },
  { name: "Ray Serve, target 1", isOurs: false, colour: "#c084fc", options: {}, policy: () => rayServe(1) },
  { name: "KEDA", isOurs: false, colour: "#0891b2", options: {}, policy: keda },
  { name: "beta9 queue", isOurs: false, colour: "#16a34a", options: {}, policy: () => beta9(10_000) },
  { name: "beta9 endpoint", isOurs: false, colour: "#84cc16", options: {}, policy: () => beta9(180_000) },
];
