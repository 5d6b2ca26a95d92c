/** One text for one situation: what every list and page says of a function. */
import type { FunctionStats } from "./views.ts";

/** Why a function has the containers it has, or cannot get them, in one sentence. */
export function whyOf({ degraded, deadlock, reason }: Pick<FunctionStats, "degraded" | "deadlock" | "reason">): string {
  return degraded?.message ?? deadlock ?? reason;
}
