/**
 * Hands queued inputs to containers: fullest first among those below their target, so that the others can idle out;
 * then up to their slots, emptiest first, only while inputs would otherwise wait; then into the agents' prefetch, in
 * equal shares. No container is given more than its slots and its prefetch.
 */
import type { Effect } from "./events.ts";
import { wantLoad } from "./loading.ts";
import { prefetchDepth } from "./prefetch.ts";
import { queuedCount, takeNext } from "./queue.ts";
import { handOver, isHungry, rank, unbegun } from "./slots.ts";
import type { Container, FunctionCore } from "./state.ts";

export function dispatch(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  if (queuedCount(core) === 0) return;
  const target = core.settings.targetInputs;
  fillBuckets(core, target - 1, -1, -1, target, nowMs);
  fillBuckets(core, target, core.buckets.length, 1, Number.POSITIVE_INFINITY, nowMs);
  if (core.hungry.length > 0) feedHungry(core, nowMs);
  for (const container of core.outboxes) {
    effects.push({ type: "run", containerId: container.id, inputs: container.outbox });
    container.outbox = [];
  }
  core.outboxes.length = 0;
}

/** Gives to the containers of buckets `from`, `from + step`, ... up to `end`; below the target each is filled up to it at once. */
function fillBuckets(core: FunctionCore, from: number, end: number, step: 1 | -1, upTo: number, nowMs: number): void {
  for (let held = from; held !== end && core.freeContainers > 0 && queuedCount(core) > 0; held += step) {
    const bucket = core.buckets[held];
    for (let container = bucket?.head; container && queuedCount(core) > 0; container = bucket?.head) {
      const count = step === -1 ? Math.min(upTo, container.slots) - held : 1;
      give(core, container, count, nowMs);
      rank(core, container);
    }
  }
}

function give(core: FunctionCore, container: Container, count: number, nowMs: number): void {
  for (let given = 0; given < count; given++) {
    const input = takeNext(core);
    if (!input) return;
    handOver(core, container, input, nowMs);
    if (input.call.cursor < input.call.storedTo) wantLoad(core, input.call);
    if (container.used) return;
  }
}

function feedHungry(core: FunctionCore, nowMs: number): void {
  const { hungry } = core;
  const count = hungry.length;
  const share = Math.ceil(queuedCount(core) / count);
  let passed = 0;
  for (; passed < count && queuedCount(core) > 0; passed++) {
    const container = hungry[passed];
    if (!container) continue;
    container.hungry = false;
    if (!isHungry(core, container)) continue;
    give(core, container, Math.min(share, prefetchDepth(core, container) - unbegun(container)), nowMs);
    // A share may leave it hungry still: it queues again behind the others.
    rank(core, container);
  }
  hungry.splice(0, passed);
}
