/** Counts again, the slow way, everything that the core counts as it goes. */
import { isSuspect } from "../retry.ts";
import type { Batch, FunctionCore } from "../state.ts";

/** Counting everything again takes as long as there is much to count: then it is done now and then. */
export class Audit {
  #steps = 0;

  /** @throws Error naming the first number that is wrong. */
  stepped(core: FunctionCore): void {
    this.#steps += 1;
    const { calls, delayed, queued, begun, prefetched } = core;
    const size = calls.size + delayed + queued.sync + queued.async + begun.sync + begun.async + prefetched;
    if (this.#steps % (1 + Math.floor(size / 8)) === 0) checkBooks(core);
  }
}

/** @throws Error naming the first number that is wrong. */
function checkBooks(core: FunctionCore): void {
  const counted = {
    sync: 0,
    async: 0,
    delayed: 0,
    tail: 0,
    begun: 0,
    prefetched: 0,
    free: 0,
    bytes: 0,
    suspects: 0,
    alone: 0,
  };
  for (const call of core.calls.values()) {
    let queued = 0;
    let suspects = 0;
    for (const input of call.inputs.values()) {
      if (input.place === "queued" && isSuspect(input)) suspects += 1;
      else if (input.place === "queued") queued += 1;
      if (input.place === "delayed") counted.delayed += 1;
      if (call.queueClass === "async" && (input.place === "queued" || input.place === "delayed")) {
        counted.bytes += input.value?.byteLength ?? 0;
      }
      same(`place of ${call.callId}:${input.index} (${input.place})`, input.hold !== null, input.place === "held");
    }
    same(`queue of ${call.callId}`, call.queued.length, queued);
    same(`turn of ${call.callId}`, call.inRound, queued > 0);
    counted[call.queueClass] += queued + suspects;
    counted.suspects += suspects;
    counted.tail += call.tailCounted;
  }
  const census = { starting: 0, ready: 0, lost: 0, draining: 0 };
  for (const container of core.containers.values()) {
    census[container.state] += 1;
    let begun = 0;
    let missing = 0;
    let waitingBytes = 0;
    let shadows = 0;
    let single = 0;
    const batches = new Map<Batch, number>();
    for (let hold = container.holds.head; hold; hold = hold.next) {
      if (hold.begun) begun += 1;
      else waitingBytes += hold.bytes;
      if (hold.begun && hold.missingUntilMs !== null) missing += 1;
      if (hold.input.hold !== hold) shadows += 1;
      if (hold.batch) batches.set(hold.batch, (batches.get(hold.batch) ?? 0) + 1);
      else single += 1;
    }
    same(`bytes waiting in ${container.id}`, container.prefetchedBytes, waitingBytes);
    same(`begun in ${container.id}`, container.begun, begun);
    same(`shadows in ${container.id}`, container.shadows, shadows);
    for (const [batch, left] of batches) same(`left of a batch in ${container.id}`, batch.left, left);
    same(`batches of ${container.id}`, container.batches.size, batches.size);
    const inBatches = Array.from(batches.keys(), ({ slots }) => slots).reduce((sum, slots) => sum + slots, 0);
    same(`taken in ${container.id}`, container.taken, single + inBatches);
    if (batches.size > 0 && container.taken > container.slots) throw new Error(`${container.id} has too many batches`);
    // What it came back without does not run, although it is not taken back yet.
    if (batches.size === 0 && begun - missing > container.slots)
      throw new Error(`${container.id} runs ${begun} in ${container.slots} slots`);
    counted.begun += begun;
    counted.prefetched += container.holds.length - begun;
    if (container.bucket >= 0) counted.free += 1;
    if (container.alone) counted.alone += 1;
    if (container.alone && container.holds.length === 0) throw new Error(`${container.id} is kept for nothing`);
    same(`prefetching ${container.id}`, core.prefetching.has(container), container.holds.length > begun);
  }
  let loadsAsked = 0;
  let doomedLoads = 0;
  for (const { loading, doom } of core.calls.values()) {
    if (doom && loading > 0) doomedLoads += 1;
    else loadsAsked += loading;
  }
  same("loads asked", core.loadsAsked, loadsAsked);
  same("loads of doomed calls", core.doomedLoads, doomedLoads);
  same("queued sync", core.queued.sync, counted.sync);
  same("queued async", core.queued.async, counted.async);
  same("bytes", core.asyncBytes, counted.bytes);
  same("suspects", core.suspects.length, counted.suspects);
  same("alone", core.alone, counted.alone);
  same("delayed", core.delayed, counted.delayed);
  same("tail", core.tail, counted.tail);
  same("begun", core.begun.sync + core.begun.async, counted.begun);
  same("prefetched", core.prefetched, counted.prefetched);
  same("free containers", core.freeContainers, counted.free);
  same("census", JSON.stringify(core.census), JSON.stringify(census));
}

function same(what: string, kept: unknown, counted: unknown): void {
  if (kept !== counted) throw new Error(`${what}: the core says ${String(kept)}, counted ${String(counted)}`);
}
