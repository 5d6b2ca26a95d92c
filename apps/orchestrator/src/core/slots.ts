/**
 * What each container holds. At most `slots` of its attempts run; the rest waits in the agent, which begins them in
 * the order of hand-over, so the core knows what has begun without being told. Of a batched function at most `slots`
 * batches run, and nothing waits. A container that may be given more is in the bucket of the slots that are taken, so
 * the fullest one is found without looking at all.
 */
import type { QueueClass } from "@bellows/protocol/states";
import { append, emptyList, insertBefore, type LinkedList, remove } from "./linked-list.ts";
import { prefetchDepth } from "./prefetch.ts";
import type { Batch, Container, FunctionCore, Hold, Input, LiveContainerState } from "./state.ts";

export function newContainer(core: FunctionCore, id: string, deploymentId: string, nowMs: number): Container {
  const container: Container = {
    id,
    deploymentId,
    state: "starting",
    linked: false,
    unlinkedMs: 0,
    adopted: false,
    slots: 1,
    taken: 0,
    batches: new Set(),
    foundBatch: null,
    holds: emptyList(),
    begun: 0,
    nextUnbegun: null,
    recalled: 0,
    prefetchedBytes: 0,
    shadows: 0,
    startingSinceMs: nowMs,
    readyAtMs: Number.POSITIVE_INFINITY,
    progressAtMs: nowMs,
    stalled: false,
    drainReason: "",
    endAsked: false,
    bucket: -1,
    hungry: false,
    alone: false,
    used: false,
    outbox: [],
    prev: null,
    next: null,
  };
  core.containers.set(id, container);
  core.census.starting += 1;
  return container;
}

export function setState(core: FunctionCore, container: Container, state: LiveContainerState): void {
  core.census[container.state] -= 1;
  container.state = state;
  core.census[state] += 1;
  rank(core, container);
}

export function forgetContainer(core: FunctionCore, container: Container): void {
  container.linked = false;
  rank(core, container);
  core.census[container.state] -= 1;
  core.containers.delete(container.id);
  if (core.reserved === container) core.reserved = null;
  if (container.hungry) core.hungry = core.hungry.filter((other) => other !== container);
}

/** Containers that are or will be able to take inputs; a draining one is not. */
export function capacity(core: FunctionCore): number {
  return core.census.starting + core.census.ready + core.census.lost + core.requested;
}

/** Attempts that run. */
export function begunCount({ begun }: FunctionCore): number {
  return begun.sync + begun.async;
}

export function unbegun(container: Container): number {
  return container.holds.length - container.begun;
}

/** A batch that takes one slot of the container; its inputs are handed over one by one. */
export function newBatch(container: Container, nowMs: number): Batch {
  return { container, size: 0, left: 0, slots: 1, startedAtMs: nowMs };
}

/** Hands an input over: with its batch, or it runs at once while there is a slot and otherwise waits in the agent. */
export function handOver(
  core: FunctionCore,
  container: Container,
  input: Input,
  nowMs: number,
  batch: Batch | null = null,
): void {
  input.lastAttempt += 1;
  const given = hold(core, container, { input, attempt: input.lastAttempt, batch }, nowMs);
  container.used ||= core.settings.singleUseContainers;
  if (container.outbox.length === 0) core.outboxes.push(container);
  container.outbox.push(given);
}

/** Hands a suspect to a container that holds nothing. */
export function handOverAlone(core: FunctionCore, container: Container, input: Input, nowMs: number): void {
  if (core.reserved === container) core.reserved = null;
  container.alone = true;
  core.alone += 1;
  handOver(core, container, input, nowMs, core.settings.batched ? newBatch(container, nowMs) : null);
  rank(core, container);
}

/** Whether the container could be given something if it were not kept for a suspect. */
export function isOpen(container: Container): boolean {
  return container.state === "ready" && container.linked && !container.used;
}

/** Notes that a container holds an attempt that the core did not give it. The caller ranks the container afterwards. */
export function holdFound(
  core: FunctionCore,
  container: Container,
  of: { input: Input; attempt: number },
  nowMs: number,
): Hold {
  if (!core.settings.batched) return hold(core, container, { ...of, batch: null }, nowMs);
  const slots = Math.max(1, container.slots - container.taken);
  container.foundBatch ??= { container, size: null, left: 0, slots, startedAtMs: nowMs };
  return hold(core, container, { ...of, batch: container.foundBatch }, nowMs);
}

/** Notes that a container holds an attempt. The caller ranks the container afterwards. */
function hold(
  core: FunctionCore,
  container: Container,
  { input, attempt, batch }: { input: Input; attempt: number; batch: Batch | null },
  nowMs: number,
): Hold {
  const begun = batch !== null || container.begun < container.slots;
  const { queueClass } = input.call;
  const taken: Hold = {
    input,
    queueClass,
    attempt,
    container,
    batch,
    begun,
    bytes: input.value?.byteLength ?? 0,
    startedAtMs: nowMs,
    recalled: false,
    missingUntilMs: null,
    released: false,
    prev: null,
    next: null,
  };
  if (container.holds.length === 0) container.progressAtMs = nowMs;
  append(container.holds, taken);
  takeSlot(container, batch);
  input.place = "held";
  input.hold = taken;
  if (begun) {
    container.begun += 1;
    core.begun[queueClass] += 1;
  } else {
    container.nextUnbegun ??= taken;
    core.prefetched += 1;
    container.prefetchedBytes += taken.bytes;
    core.prefetching.add(container);
  }
  return taken;
}

function takeSlot(container: Container, batch: Batch | null): void {
  if (!batch) {
    container.taken += 1;
    return;
  }
  if (batch.size !== null) batch.size += 1;
  if (batch.left++ === 0) {
    container.taken += batch.slots;
    container.batches.add(batch);
  }
}

function leaveSlot(container: Container, batch: Batch | null): void {
  if (!batch) container.taken -= 1;
  else if (--batch.left === 0) {
    container.taken -= batch.slots;
    container.batches.delete(batch);
    if (container.foundBatch === batch) container.foundBatch = null;
  }
}

/** The container has the attempt no more; the next waiting one begins. */
export function release(core: FunctionCore, taken: Hold, nowMs: number): void {
  const { container, input } = taken;
  taken.released = true;
  if (container.nextUnbegun === taken) container.nextUnbegun = unbegunFrom(taken.next);
  remove(container.holds, taken);
  leaveSlot(container, taken.batch);
  if (input.hold === taken) input.hold = null;
  else container.shadows -= 1;
  if (taken.recalled) container.recalled -= 1;
  if (taken.begun) {
    container.begun -= 1;
    core.begun[taken.queueClass] -= 1;
    container.progressAtMs = nowMs;
    container.stalled = false;
    if (container.nextUnbegun && container.begun < container.slots) begin(core, container.nextUnbegun, nowMs);
  } else {
    core.prefetched -= 1;
    container.prefetchedBytes -= taken.bytes;
  }
  if (unbegun(container) === 0) core.prefetching.delete(container);
  if (container.alone && container.holds.length === 0) {
    container.alone = false;
    core.alone -= 1;
  }
  rank(core, container);
}

/** An attempt has begun: its container said so, or a slot came free for it. */
export function begin(core: FunctionCore, taken: Hold, nowMs: number): void {
  if (taken.begun) return;
  const { container } = taken;
  taken.begun = true;
  taken.startedAtMs = nowMs;
  if (container.nextUnbegun === taken) container.nextUnbegun = unbegunFrom(taken.next);
  container.begun += 1;
  core.begun[taken.queueClass] += 1;
  core.prefetched -= 1;
  container.prefetchedBytes -= taken.bytes;
  if (unbegun(container) === 0) core.prefetching.delete(container);
}

/** The class of a call is known only now: what containers hold of it was counted in another. */
export function countInClass(core: FunctionCore, taken: Hold, queueClass: QueueClass): void {
  if (taken.begun) {
    core.begun[taken.queueClass] -= 1;
    core.begun[queueClass] += 1;
  }
  taken.queueClass = queueClass;
}

/** The hold of one attempt in a container; `input` is the unfinished input of this index, if there is one. */
export function findHold(
  container: Container,
  ref: { callId: string; index: number; attempt: number },
  input: Input | undefined,
): Hold | undefined {
  const hint = input?.hold;
  if (hint && hint.container === container && hint.attempt === ref.attempt) return hint;
  if (container.shadows === 0) return undefined;
  for (let taken = container.holds.head; taken; taken = taken.next) {
    const of = taken.input;
    if (taken.attempt === ref.attempt && of.index === ref.index && of.call.callId === ref.callId) return taken;
  }
  return undefined;
}

/** Whether the container may be given inputs at all. */
function mayTake(core: FunctionCore, container: Container): boolean {
  return isOpen(container) && !container.alone && core.reserved !== container;
}

/** Puts a container into the bucket, or among the hungry, where dispatch finds it. Call it after any change. */
export function rank(core: FunctionCore, container: Container): void {
  const { taken } = container;
  const bucket = mayTake(core, container) && taken < container.slots ? taken : -1;
  if (bucket !== container.bucket) {
    if (container.bucket >= 0) {
      remove(bucketOf(core, container.bucket), container);
      core.freeContainers -= 1;
    }
    if (bucket >= 0) {
      const list = bucketOf(core, bucket);
      insertBefore(list, container, list.head);
      core.freeContainers += 1;
    }
    container.bucket = bucket;
  }
  // One that is hungry no more leaves the list when dispatch passes it.
  if (container.hungry || !isHungry(core, container)) return;
  container.hungry = true;
  core.hungry.push(container);
}

/** Its slots are full and at most half of its prefetch is left. */
export function isHungry(core: FunctionCore, container: Container): boolean {
  if (container.bucket >= 0 || container.stalled || !mayTake(core, container)) return false;
  const depth = prefetchDepth(core, container);
  return depth > 0 && unbegun(container) <= depth >> 1;
}

function bucketOf(core: FunctionCore, taken: number): LinkedList<Container> {
  for (let next = core.buckets.length; next <= taken; next++) core.buckets.push(emptyList());
  // Filled by the line above.
  return core.buckets[taken] as LinkedList<Container>;
}

function unbegunFrom(taken: Hold | null): Hold | null {
  let at = taken;
  while (at?.begun) at = at.next;
  return at;
}
