/**
 * The engine of one function: feeds what happens to the core and performs the effects it answers with. It decides
 * nothing. Everything it holds can be rebuilt from the facts in Postgres and from the containers that run
 * (`recover`), so the process may be killed at any moment.
 */

import type { Assignment } from "@bellows/protocol/agent-frames";
import { errorData } from "@bellows/protocol/errors";
import type { CallKind } from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import type { CoreEvent, Effect, InputOutput } from "../core/events.ts";
import { createFunctionCore, stepMany } from "../core/function-core.ts";
import type { FunctionCore } from "../core/state.ts";
import { callStatusOf, containersOf, statsOf } from "../core/stats.ts";
import type { Fact, FactReader, Journal, OwnerEpoch } from "../journal/facts.ts";
import type { CallEnd, CallListener } from "./call-listener.ts";
import { CallTable, type LiveCallEntry } from "./call-table.ts";
import type { ContainerEntry } from "./container-table.ts";
import type { LiveCall, LiveContainer } from "./engines.ts";
import { Fleet, type FleetDeps } from "./fleet.ts";

export interface EngineDeps extends FleetDeps {
  journal: Journal;
  reader: FactReader;
  /** Containers there may be at a time in the environment. */
  environmentCap: number;
}

const TICK_MS = 1_000;
export class FunctionEngine {
  readonly calls = new CallTable();
  readonly fleet: Fleet;
  readonly #deps: EngineDeps;
  readonly #owner: OwnerEpoch;
  readonly #core: FunctionCore;
  #record: FunctionRecord;
  #wake: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;
  /** Set when the orchestrator shuts down: nothing is started any more. */
  #closing = false;
  #retired = false;
  /** Bursts of events: the first is being worked on. */
  readonly #fed: CoreEvent[][] = [];
  /** Calls by idempotency key whose row is not in Postgres yet. */
  readonly #keys = new Map<string, string>();

  constructor(record: FunctionRecord, owner: OwnerEpoch, deps: EngineDeps, options: { recovering: boolean }) {
    this.#record = record;
    this.#owner = owner;
    this.#deps = deps;
    this.fleet = new Fleet(deps, {
      record: () => this.#record,
      feed: (events) => this.feed(events),
      append: (fact) => this.append(fact),
    });
    this.#core = createFunctionCore({
      settings: record.settings,
      deploymentId: record.deploymentId,
      recovering: options.recovering,
      environmentCap: deps.environmentCap,
    });
  }

  get functionId(): string {
    return this.#record.functionId;
  }

  get record(): FunctionRecord {
    return this.#record;
  }

  get stats(): FunctionStats {
    return statsOf(this.#core);
  }

  start(): void {
    this.#tick ??= setInterval(() => this.#everySecond(), TICK_MS);
    this.feed([{ type: "tick" }]);
  }

  /** Stops deciding and leaves the containers running, for whoever owns the function next. */
  letGo(): void {
    this.#halt();
    for (const { port } of this.fleet.containers.values()) port?.close("this orchestrator owns the function no longer");
  }

  /** Stops deciding and ends the containers; what they were running gets a short grace and is then given back. */
  async end(): Promise<void> {
    this.#halt();
    await this.fleet.close("the orchestrator is stopping");
  }

  #halt(): void {
    this.#closing = true;
    clearInterval(this.#tick);
    clearTimeout(this.#wake);
    this.#tick = undefined;
  }

  /** Tells the core what happened and does what it asks for. What happens while doing so waits its turn. */
  feed(events: CoreEvent[]): void {
    this.#fed.push(events);
    if (this.#fed.length > 1) return;
    for (let next: CoreEvent[] | undefined = events; next; next = this.#fed[0]) {
      try {
        for (const effect of stepMany(this.#core, next, this.#deps.now())) this.#perform(effect);
      } finally {
        this.#fed.shift();
      }
    }
  }

  append(fact: Fact, committed?: () => void): void {
    this.#deps.journal.append(this.#owner, fact, committed);
  }

  /** Calls back when all that was appended so far is in Postgres. */
  whenCommitted(callback: () => void): void {
    this.#deps.journal.barrier(callback);
  }

  /** A call from a client: known from now on. `stored` is called when it is in Postgres. */
  openCall(call: { callId: string; kind: CallKind; idempotencyKey: string | null }, stored: () => void): LiveCallEntry {
    const { callId, kind, idempotencyKey } = call;
    const entry = this.calls.open(callId, kind, this.#deps.now());
    const { functionId, environmentId } = this.#record;
    if (idempotencyKey !== null) this.#keys.set(idempotencyKey, callId);
    this.append(
      { type: "callOpened", callId, functionId, environmentId, kind, idempotencyKey, inputCount: null },
      () => {
        if (idempotencyKey !== null) this.#keys.delete(idempotencyKey);
        stored();
      },
    );
    const counts = { succeeded: 0, failed: 0, cancelled: 0 };
    this.feed([{ type: "callOpened", callId, kind, inputCount: null, storedCount: 0, loadFrom: 0, counts }]);
    return entry;
  }

  /** A call of an earlier orchestrator process, as its facts say. Nobody listens to it until its client is back. */
  recoverCall(call: { callId: string; kind: CallKind; inputCount: number | null; storedCount: number }): void {
    const entry = this.calls.open(call.callId, call.kind, this.#deps.now());
    entry.received = call.storedCount;
    entry.inMemory = false;
    entry.closedAt = call.inputCount === null ? null : this.#deps.now();
    this.feed([{ ...call, type: "callOpened", loadFrom: 0, counts: { succeeded: 0, failed: 0, cancelled: 0 } }]);
  }

  /** The id itself when there is such a call, running or finished. */
  async findCall(callId: string): Promise<string | undefined> {
    if (this.calls.get(callId)) return callId;
    await new Promise<void>((committed) => this.whenCommitted(committed));
    return (await this.#deps.reader.call(callId)) && callId;
  }

  /** The call that an idempotency key made within its day. */
  async findByKey(key: string): Promise<string | undefined> {
    return this.#keys.get(key) ?? (await this.#deps.reader.callByIdempotencyKey(this.functionId, key));
  }

  /** The next inputs of a call. A sync call's run at once, an async call's when they are stored. */
  addInputs(entry: LiveCallEntry, values: Uint8Array[], stored: () => void): void {
    const { callId } = entry;
    const firstIndex = entry.received;
    const keep = entry.sync || this.calls.keepInMemory(entry, values);
    entry.received += values.length;
    const arrived = (): void =>
      this.feed([
        keep
          ? {
              type: "inputsArrived",
              callId,
              inputs: values.map((value, offset) => ({
                index: firstIndex + offset,
                value,
                failedAttempts: 0,
                lostAttempts: 0,
              })),
            }
          : { type: "inputsStored", callId, count: values.length },
      ]);
    this.append({ type: "inputs", callId, firstIndex, values }, () => {
      if (!entry.sync) arrived();
      stored();
    });
    if (entry.sync) arrived();
  }

  closeCall(entry: LiveCallEntry, inputCount: number): void {
    if (entry.closedAt !== null) return;
    entry.closedAt = this.#deps.now();
    const closed = (): void => this.feed([{ type: "callClosed", callId: entry.callId, inputCount }]);
    this.append({ type: "callClosed", callId: entry.callId, inputCount }, entry.sync ? undefined : closed);
    if (entry.sync) closed();
  }

  cancelCall(callId: string, options: { terminateContainers: boolean }): void {
    this.feed([{ type: "callCancelled", callId, ...options }]);
  }

  listen(entry: LiveCallEntry, listener: CallListener): void {
    this.calls.listen(entry, listener);
  }

  unlisten(entry: LiveCallEntry, listener: CallListener): void {
    this.calls.unlisten(entry, listener, this.#deps.now());
  }

  liveCall(callId: string): LiveCall | undefined {
    const status = callStatusOf(this.#core, callId);
    return status && { ...status, receivedCount: this.calls.get(callId)?.received ?? status.receivedCount };
  }

  liveContainers(): LiveContainer[] {
    const running = new Map(containersOf(this.#core).map((container) => [container.id, container.running]));
    return [...this.fleet.containers.values()].map(({ containerId, state, cpuPercent, memoryBytes }) => ({
      containerId,
      functionId: this.functionId,
      state,
      running: running.get(containerId) ?? 0,
      cpuPercent,
      memoryBytes,
    }));
  }

  /** New code or settings for everything that starts from now on. */
  deployed(record: FunctionRecord): void {
    this.#record = record;
    this.#retired = false;
    this.feed([{ type: "deployed", deploymentId: record.deploymentId, settings: record.settings }]);
  }

  /** The function is no longer in any running app: what waits is cancelled, its containers end. */
  retire(): void {
    this.#retired = true;
    this.feed([{ type: "stopped" }]);
  }

  /** Nothing would be lost if this engine were forgotten. */
  get isOver(): boolean {
    return this.#retired && this.fleet.containers.size === 0 && this.calls.size === 0;
  }

  /** What a container runs: the code and settings of now. One of an older deployment is about to be drained. */
  assignment(entry: ContainerEntry): Assignment {
    const { settings, functionId, name, appName, environment, bundleHash } = this.#record;
    return {
      functionId,
      functionName: name,
      appName,
      environment,
      deploymentId: entry.deploymentId,
      bundleHash,
      maxInputs: settings.maxInputs,
      timeoutMs: settings.timeoutMs,
      startupTimeoutMs: settings.startupTimeoutMs,
      memoryMiB: settings.memoryMiB,
      env: settings.env,
    };
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "run":
        return this.fleet.send(effect.containerId, { type: "run", inputs: effect.inputs });
      case "recall":
        return this.fleet.send(effect.containerId, { type: "recall", attempts: effect.attempts });
      case "cancelAttempts":
        return this.fleet.send(effect.containerId, { type: "cancel", attempts: effect.attempts });
      case "startContainers":
        return this.fleet.start(effect.count, effect.deploymentId);
      case "drain":
        return this.fleet.drain(effect.containerId, effect.reason);
      case "kill":
        return this.fleet.kill(effect.containerId, effect.reason);
      case "output":
        return this.#storeOutput(effect.output);
      case "attemptFailed":
        return this.append(effect);
      case "load":
        return void this.#load(effect);
      case "callFinished":
        return this.#finishCall(effect);
      case "decided":
        return this.append({ ...effect.decision, type: "decision", functionId: this.functionId });
      case "wake":
        clearTimeout(this.#wake);
        if (this.#closing) return;
        this.#wake = setTimeout(() => this.feed([{ type: "tick" }]), Math.max(0, effect.atMs - this.#deps.now()));
        return;
      default:
        effect satisfies never;
    }
  }

  /** A sync caller gets its output at once, an async one when it is stored: what it has seen never changes again. */
  #storeOutput(output: InputOutput): void {
    const { callId, index, status, payload, attempts, containerId } = output;
    const entry = this.calls.get(callId);
    const fact: Fact = { type: "output", ...output };
    if (entry) entry.dirty = true;
    if (!entry || entry.listeners.size === 0) return this.append(fact);
    if (entry.sync) {
      this.calls.deliver(callId, [index, status, payload, attempts, containerId]);
      return this.append(fact);
    }
    this.append(fact, () => this.calls.deliver(callId, [index, status, payload, attempts, containerId]));
  }

  #finishCall(effect: Extract<Effect, { type: "callFinished" }>): void {
    const { callId, state, counts, inputCount, finishedAtMs } = effect;
    const end: CallEnd = { state, inputCount, counts };
    const sync = this.calls.get(callId)?.sync ?? false;
    this.append(
      { type: "callFinished", callId, state, counts, finishedAtMs },
      sync ? undefined : () => this.calls.finish(callId, end),
    );
    if (sync) this.calls.finish(callId, end);
  }

  async #load(effect: Extract<Effect, { type: "load" }>): Promise<void> {
    const { callId, fromIndex, limit } = effect;
    try {
      const { inputs, nextIndex, finished } = await this.#deps.reader.inputsWithoutOutput(callId, fromIndex, limit);
      const arrived = inputs.map((input) => ({ ...input, lostAttempts: 0 }));
      this.feed([{ type: "inputsLoaded", callId, inputs: arrived, nextIndex, finished }]);
    } catch (error) {
      this.#deps.log.warn({ callId, error: errorData(error).message }, "stored inputs could not be read; trying again");
      if (!this.#closing) setTimeout(() => void this.#load(effect), TICK_MS);
    }
  }

  #everySecond(): void {
    const nowMs = this.#deps.now();
    for (const { callId } of this.calls.vanished(nowMs)) this.cancelCall(callId, { terminateContainers: false });
    for (const entry of this.calls.values()) {
      if (!entry.dirty) continue;
      entry.dirty = false;
      const status = callStatusOf(this.#core, entry.callId);
      if (status) this.append({ type: "callProgress", callId: entry.callId, counts: status.counts });
    }
    this.fleet.endUnlinked();
    this.feed([{ type: "tick" }]);
  }
}
