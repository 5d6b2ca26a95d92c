/** What each limit is, in words. A new limit does not compile until it is explained. */
import { ENVIRONMENT_LIMITS } from "@bellows/protocol/limits";
import type { LimitsView } from "@bellows/protocol/views";
import { formatCount } from "../../lib/format.ts";

export type LimitName = keyof LimitsView["limits"];

export const LIMIT_TEXTS: Record<LimitName, { label: string; unit: string; meaning: string }> = {
  pendingSyncInputs: {
    label: "Pending sync inputs",
    unit: "per function",
    meaning: "Inputs of remote and map that wait. Past it remote is refused, and map slows down.",
  },
  syncInputs: {
    label: "Sync inputs",
    unit: "per function",
    meaning: "Inputs of remote and map that wait or run.",
  },
  pendingAsyncInputs: {
    label: "Pending async inputs",
    unit: "per function",
    meaning: "Inputs of spawn and spawnMap that have no output yet.",
  },
  syncCallsPerSecond: {
    label: "New sync calls",
    unit: "per second and token",
    meaning: "remote, remoteGen and map. Five times as many are borne for five seconds.",
  },
  asyncCallsPerSecond: {
    label: "New async calls",
    unit: "per second and token",
    meaning: "spawn and spawnMap; one spawnMap is one call. Five times as many are borne for five seconds.",
  },
  containers: {
    label: "Containers",
    unit: "in the environment",
    meaning: "Of all functions together. Past it inputs wait until a container is free.",
  },
};

export const LIMIT_NAMES = Object.keys(ENVIRONMENT_LIMITS).filter(
  (name): name is LimitName => name in ENVIRONMENT_LIMITS,
);

/** What is wrong with the text as a value of this limit; undefined when nothing is. */
export function limitProblem(name: LimitName, text: string): string | undefined {
  const { min, max } = ENVIRONMENT_LIMITS[name];
  if (!/^-?\d+$/.test(text.trim())) return "Give a whole number.";
  const value = Number(text);
  if (value < min) return `At least ${formatCount(min)}.`;
  if (value > max) return `At most ${formatCount(max)}.`;
  return undefined;
}
