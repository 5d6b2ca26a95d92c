/**
 * Decisions as marks on a line of time. Those too near to each other to be told apart share a mark, which says the last of
 * them and how many more there are. Pure.
 */
import type { DecisionView } from "@bellows/protocol/views";
import type { TimeRange } from "./load-series.ts";

export interface DecisionMark {
  /** The newest decision of the mark. */
  decision: DecisionView;
  /** How many other ones it stands for. */
  more: number;
  /** Where it is between the two ends of the range, 0 to 1. */
  at: number;
}

/** Marks that are nearer than this part of the range are one. */
const NEAREST = 1 / 60;

/** `decisions` are newest first, as the API gives them; the marks are oldest first. */
export function decisionMarks(decisions: readonly DecisionView[], { fromMs, toMs }: TimeRange): DecisionMark[] {
  const marks: DecisionMark[] = [];
  for (const decision of decisions) {
    const at = (decision.atMs - fromMs) / (toMs - fromMs);
    if (at < 0 || at > 1) continue;
    const later = marks.at(-1);
    if (later && later.at - at < NEAREST) later.more += 1;
    else marks.push({ decision, more: 0, at });
  }
  return marks.reverse();
}
