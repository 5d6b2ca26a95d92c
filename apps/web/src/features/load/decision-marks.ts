/**
 * Decisions as marks on a line of time. Those too near to each other to be told apart share a mark, which says the last of
 * them and how many more there are. Pure.
 */
import type { DecisionView } from "@bellows/protocol/views";
import type { TimeRange } from "./load-series.ts";

export interface DecisionMark {
  /** What it stands for, newest first. */
  decisions: [DecisionView, ...DecisionView[]];
  /** Where the newest of them is between the two ends of the range, 0 to 1. */
  at: number;
}

/** What is said of a mark: a decision, and how many of the same mark were made before it. */
export interface DecisionNote {
  decision: DecisionView;
  before: number;
  at: number;
}

/** Room that a mark takes on the line, in pixels. */
export const MARK_WIDTH = 12;

/**
 * `decisions` are newest first, as the API gives them; the marks are oldest first. On a line of `width` pixels none
 * overlaps another.
 */
export function decisionMarks(
  decisions: readonly DecisionView[],
  { fromMs, toMs }: TimeRange,
  width: number,
): DecisionMark[] {
  const nearest = MARK_WIDTH / width;
  const marks: DecisionMark[] = [];
  for (const decision of decisions) {
    const at = (decision.atMs - fromMs) / (toMs - fromMs);
    if (at < 0 || at > 1) continue;
    const later = marks.at(-1);
    if (later && later.at - at < nearest) later.decisions.push(decision);
    else marks.push({ decisions: [decision], at });
  }
  return marks.reverse();
}

/** What is said of this decision, whichever mark stands for it by now; undefined when none does. */
export function noteOf(marks: readonly DecisionMark[], { id }: DecisionView): DecisionNote | undefined {
  for (const { decisions, at } of marks) {
    const index = decisions.findIndex((decision) => decision.id === id);
    const decision = decisions[index];
    if (decision) return { decision, before: decisions.length - 1 - index, at };
  }
  return undefined;
}

/** A decision that is kept said stays among those shown, when so many have come since that it is in no answer any more. */
export function withKept(decisions: readonly DecisionView[], kept: DecisionView | null): readonly DecisionView[] {
  return kept === null || decisions.some(({ id }) => id === kept.id) ? decisions : [...decisions, kept];
}

/** More containers or fewer, with a bar over it when something kept it below the need: told apart without colour. */
export function markShape({ desired, current, cappedBy }: DecisionView): string {
  const triangle = desired >= current ? "M5 3 9 9H1Z" : "M5 9 1 3H9Z";
  return cappedBy === null ? triangle : `M1 0H9V1.5H1Z${triangle}`;
}
