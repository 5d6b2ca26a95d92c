/**
 * Takes prefetched inputs back from an agent: when its container makes no progress (one slow input would hold up all
 * those behind it), and when another container has a free slot while the queue is empty. Only what has not begun
 * comes back; an input that began meanwhile simply ends.
 */
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import type { Effect } from "./events.ts";
import { inTurnCount } from "./queue.ts";
import { unbegun } from "./slots.ts";
import type { Container, FunctionCore } from "./state.ts";

/** A container that holds prefetched inputs and ends nothing for this long has stalled: twice its prefetch and a margin. */
const STALL_MS = 25;
/** Moving inputs to a free container pays when they would wait longer than this where they are. */
const WORTH_MOVING_MS = 5;

/** Asks for the last `count` attempts that have not begun. */
export function recallUnbegun(container: Container, count: number, effects: Effect[]): void {
  if (!container.linked) return;
  const attempts: AttemptRef[] = [];
  let hold = container.holds.tail;
  while (hold && !hold.begun && attempts.length < count) {
    if (!hold.recalled) {
      hold.recalled = true;
      container.recalled += 1;
      attempts.push([hold.input.call.callId, hold.input.index, hold.attempt]);
    }
    hold = hold.prev;
  }
  if (attempts.length > 0) effects.push({ type: "recall", containerId: container.id, attempts: attempts.reverse() });
}

export function recallFromStalled(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  if (core.prefetching.size === 0) {
    core.stallCheckAtMs = null;
    return;
  }
  core.stallCheckAtMs ??= nowMs + STALL_MS;
  if (nowMs < core.stallCheckAtMs) return;
  core.stallCheckAtMs = nowMs + STALL_MS;
  for (const container of core.prefetching) {
    if (nowMs - container.progressAtMs < STALL_MS) continue;
    container.stalled = true;
    recallUnbegun(container, container.holds.length, effects);
  }
}

export function recallForFree(core: FunctionCore, effects: Effect[]): void {
  if (core.prefetched === 0 || core.freeContainers === 0 || core.runMs === null || inTurnCount(core) > 0) return;
  let free = core.freeContainers;
  for (const container of core.prefetching) {
    if (free === 0) return;
    const waiting = unbegun(container);
    if (container.recalled > 0 || (waiting * core.runMs) / container.slots < WORTH_MOVING_MS) continue;
    recallUnbegun(container, Math.ceil(waiting / 2), effects);
    free -= 1;
  }
}
