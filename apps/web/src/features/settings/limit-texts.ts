/**
 * What each limit is, in words. Its name is the one it has in errors, in the API and in the documentation: whoever was
 * refused looks for that. A new limit does not compile until it is explained.
 */
import { ENVIRONMENT_LIMITS } from "@bellows/protocol/limits";
import type { LimitsView } from "@bellows/protocol/views";
import { formatCount } from "../../lib/format.ts";

export type LimitName = keyof LimitsView["limits"];

export const LIMIT_TEXTS: Record<LimitName, { unit: string; meaning: string }> = {
  pendingSyncInputs: {
    unit: "per function",
    meaning: "Inputs of remote, remoteGen and map that wait. Past it map slows down, and the others are refused.",
  },
  syncInputs: {
    unit: "per function",
    meaning:
      "Inputs of remote, remoteGen and map that wait or run. Past it map slows down, and the others are refused.",
  },
  pendingAsyncInputs: {
    unit: "per function",
    meaning: "Inputs of spawn and spawnMap that have no output yet. Past it more are refused.",
  },
  syncCallsPerSecond: {
    unit: "per token",
    meaning: "New calls of remote, remoteGen and map. Five times as many are borne for five seconds.",
  },
  asyncCallsPerSecond: {
    unit: "per token",
    meaning:
      "New calls of spawn and spawnMap; one spawnMap is one call. Five times as many are borne for five seconds.",
  },
  containers: {
    unit: "in the environment",
    meaning:
      "Containers at a time, of all functions together; one is allowed to each in any case. Past it inputs wait.",
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
