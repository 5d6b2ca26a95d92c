/**
 * Which containers end. Only an idle one is ever told to: one that is busy gets nothing more, gives back what it has
 * not begun, and is told when it has finished. Those that are still starting go before idle ones, and of these the longest
 * idle first.
 */
import type { Effect } from "./events.ts";
import { recallUnbegun } from "./recall.ts";
import { setState } from "./slots.ts";
import type { Container, FunctionCore } from "./state.ts";

/** Drains up to `count` idle containers. */
export function drainIdle(core: FunctionCore, count: number, reason: string, effects: Effect[]): void {
  for (let left = count; left > 0; left--) {
    const longestIdle = core.buckets[0]?.tail;
    if (!longestIdle) return;
    retire(core, longestIdle, reason, effects);
  }
}

/**
 * Ends up to `count` containers that are starting and hold nothing, the newest first: the oldest are nearest to being ready.
 * What was found after a restart may hold something.
 */
export function endStarts(core: FunctionCore, count: number, reason: string, effects: Effect[]): void {
  let left = count;
  if (left <= 0) return;
  for (const container of [...core.containers.values()].reverse()) {
    if (left <= 0) return;
    if (container.state !== "starting" || container.adopted || container.holds.length > 0) continue;
    retire(core, container, reason, effects);
    left -= 1;
  }
}

/** The container gets no more inputs; it ends as soon as it holds none. */
export function retire(core: FunctionCore, container: Container, reason: string, effects: Effect[]): void {
  if (container.state === "draining") return;
  const holdsNothing = container.holds.length === 0 && !container.adopted;
  if (container.state === "starting" && holdsNothing) return kill(core, container, reason, effects);
  setState(core, container, "draining");
  container.drainReason = reason;
  recallUnbegun(container, container.holds.length, effects);
  endIfDone(core, container, effects);
}

/** Ends a retired or used container that has nothing left. */
export function endIfDone(core: FunctionCore, container: Container, effects: Effect[]): void {
  if (container.used && container.holds.length === 0) retire(core, container, "it has had its single use", effects);
  if (container.state !== "draining" || container.endAsked || !container.linked || container.holds.length > 0) return;
  container.endAsked = true;
  effects.push({ type: "drain", containerId: container.id, reason: container.drainReason });
}

/** Ends a container at once, whatever it holds. */
export function kill(core: FunctionCore, container: Container, reason: string, effects: Effect[]): void {
  if (container.state !== "draining") setState(core, container, "draining");
  container.endAsked = true;
  effects.push({ type: "kill", containerId: container.id, reason });
}
