/**
 * Inputs that were lost twice: one of them may kill its containers, and nobody knows which. Each runs alone, so the
 * guilty one is lost again without company and the innocent ones end. One container at a time is emptied for them
 * when none is empty, so that they get their turn under any load.
 */
import type { Effect } from "./events.ts";
import { takeSuspect } from "./queue.ts";
import { recallUnbegun } from "./recall.ts";
import { handOverAlone, isOpen, rank } from "./slots.ts";
import type { Container, FunctionCore } from "./state.ts";

export function giveSuspects(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  const { reserved } = core;
  if (reserved && (core.suspects.length === 0 || !isOpen(reserved))) letGo(core, reserved);
  if (core.suspects.length === 0) return;
  for (let container = emptyOne(core); container && core.suspects.length > 0; container = emptyOne(core)) {
    const input = takeSuspect(core);
    if (input) handOverAlone(core, container, input, nowMs);
  }
  if (core.suspects.length > 0) reserve(core, effects);
  else if (core.reserved) letGo(core, core.reserved);
}

function emptyOne(core: FunctionCore): Container | null {
  if (core.reserved?.holds.length === 0) return core.reserved;
  return core.buckets[0]?.head ?? null;
}

/** Keeps the container that is nearest to being empty, and takes back what it has not begun. */
function reserve(core: FunctionCore, effects: Effect[]): void {
  if (core.reserved || core.census.ready === 0) return;
  let nearest: Container | null = null;
  for (const container of core.containers.values()) {
    if (!isOpen(container) || container.alone) continue;
    if (!nearest || container.holds.length < nearest.holds.length) nearest = container;
  }
  if (!nearest) return;
  core.reserved = nearest;
  rank(core, nearest);
  recallUnbegun(nearest, nearest.holds.length, effects);
}

function letGo(core: FunctionCore, container: Container): void {
  core.reserved = null;
  rank(core, container);
}
