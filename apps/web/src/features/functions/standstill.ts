/**
 * Why nothing of a function moves, and what to do: the one text about it, wherever it is shown. Pure.
 */
import { whyOf } from "@bellows/protocol/function-why";
import type { FunctionStats } from "@bellows/protocol/views";
import { ERROR_ADVICE } from "../../lib/error-advice.ts";
import type { FunctionTab } from "../../lib/paths.ts";
import type { Tone } from "../../ui/tones.ts";

export interface Standstill {
  title: string;
  tone: Tone;
  /** What happened, in the words that every list has for it. */
  sentence: string;
  advice: string;
  /** Where on the page of the function more is to be seen. */
  more: { label: string; tab: FunctionTab };
}

/** Null while it moves, or has nothing to do. */
export function standstillOf(stats: Pick<FunctionStats, "degraded" | "deadlock" | "reason">): Standstill | null {
  const { degraded, deadlock } = stats;
  const sentence = whyOf(stats);
  if (degraded) {
    return {
      title: "Containers cannot start",
      tone: "bad",
      sentence,
      advice: ERROR_ADVICE[degraded.code],
      more: { label: "Its containers", tab: "containers" },
    };
  }
  if (deadlock !== null) {
    return {
      title: "Deadlock",
      tone: "wait",
      sentence,
      advice: "Cancelling one of the calls that wait frees its slot at once.",
      more: { label: "Its settings", tab: "settings" },
    };
  }
  return null;
}
