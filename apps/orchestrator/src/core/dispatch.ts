/**
 * Hands queued inputs to containers: fullest first among those below their target, so that the others can idle out;
 * then up to their slots, emptiest first, only while inputs would otherwise wait; then into the agents' prefetch, in
 * equal shares. Suspects come before all and get a container each (`suspects.ts`). No container is given more than its slots and its prefetch.
 * Inputs of a batched function go out in batches (`batch.ts`), each a message of its own.
 */
import { addOfCall, type InputItem, type OfCall } from "@bellows/protocol/frame-parts";
import { giveBatches } from "./batch.ts";
import { MAX_BATCH_BYTES } from "./batch-rule.ts";
import type { Effect } from "./events.ts";
import { wantLoad } from "./loading.ts";
import { fitsPrefetch, prefetchDepth } from "./prefetch.ts";
import { inTurnCount, peekNext, takeNext } from "./queue.ts";
import { handOver, isHungry, rank, unbegun } from "./slots.ts";
import type { Container, FunctionCore, Hold } from "./state.ts";
import { giveSuspects } from "./suspects.ts";

export function dispatch(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  giveSuspects(core, nowMs, effects);
  const { batched } = core.settings;
  if (batched) giveBatches(core, batched, nowMs);
  else if (inTurnCount(core) > 0) {
    fillToTarget(core, nowMs);
    fillToSlots(core, nowMs);
    if (core.hungry.length > 0) feedHungry(core, nowMs);
  }
  for (const container of core.outboxes) {
    sendOutbox(container, effects);
  }
  core.outboxes.length = 0;
}

/** Bytes of values of one `run`, unless a single one is larger. Large enough for the link, small enough for any end. */
const MAX_RUN_BYTES = MAX_BATCH_BYTES;

function sendOutbox(container: Container, effects: Effect[]): void {
  const { id: containerId, outbox } = container;
  container.outbox = [];
  let inputs: OfCall<InputItem>[] = [];
  let runBytes = 0;
  let last: Hold | null = null;
  for (const given of outbox) {
    const { input, attempt, bytes, batch } = given;
    if (last && (runBytes + bytes > MAX_RUN_BYTES || batch !== last.batch)) {
      effects.push({ type: "run", containerId, inputs });
      inputs = [];
      runBytes = 0;
    }
    addOfCall(inputs, input.call.callId, [input.index, attempt, input.value ?? EMPTY]);
    runBytes += bytes;
    last = given;
  }
  effects.push({ type: "run", containerId, inputs });
}

const EMPTY = new Uint8Array(0);

/** The fullest below the target first, each up to the target at once. */
function fillToTarget(core: FunctionCore, nowMs: number): void {
  const target = core.settings.targetInputs;
  for (let held = Math.min(target, core.buckets.length) - 1; held >= 0 && hasWork(core); held--) {
    const bucket = core.buckets[held];
    for (let container = bucket?.head; container && hasWork(core); container = bucket?.head) {
      give(core, container, Math.min(target, container.slots) - held, nowMs);
      rank(core, container);
    }
  }
}

/** The emptiest first, one input at a time: each moves its container to the next bucket, which may be a new one. */
function fillToSlots(core: FunctionCore, nowMs: number): void {
  for (let held = core.settings.targetInputs; held < core.buckets.length && hasWork(core); held++) {
    const bucket = core.buckets[held];
    for (let container = bucket?.head; container && hasWork(core); container = bucket?.head) {
      give(core, container, 1, nowMs);
      rank(core, container);
    }
  }
}

/** An input waits and a container has a free slot. */
function hasWork(core: FunctionCore): boolean {
  return core.freeContainers > 0 && inTurnCount(core) > 0;
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
  const share = Math.ceil(inTurnCount(core) / count);
  let passed = 0;
  for (; passed < count && inTurnCount(core) > 0; passed++) {
    const container = hungry[passed];
    if (!container) continue;
    container.hungry = false;
    if (!isHungry(core, container)) continue;
    const room = Math.min(share, prefetchDepth(core, container) - unbegun(container));
    for (let given = 0; given < room && fitsPrefetch(container, bytesOfNext(core)); given++) {
      give(core, container, 1, nowMs);
    }
    // A share may leave it hungry still: it queues again behind the others.
    rank(core, container);
  }
  hungry.splice(0, passed);
}

function bytesOfNext(core: FunctionCore): number {
  return peekNext(core)?.value?.byteLength ?? 0;
}
