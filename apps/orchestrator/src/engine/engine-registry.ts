/**
 * The engines as the API and the links see them: routes what concerns one call or one function to its engine, which is
 * made if need be. What is over is answered from the facts.
 */
import { errorData, NotFoundError } from "@bellows/protocol/errors";
import { type EnvironmentLimits, LIMITS } from "@bellows/protocol/limits";
import type { FunctionStats } from "@bellows/protocol/views";
import type { Principal } from "../catalog/principal.ts";
import type { ListedContainer } from "../containers/driver.ts";
import type { ParentInput } from "../core/events.ts";
import type { MeterReading } from "../metering/function-meter.ts";
import { CallFinder, type CallFinderDeps, type Scope } from "./call-finder.ts";
import type { Settled } from "./call-intake.ts";
import type { CallListener } from "./call-listener.ts";
import type { FunctionName } from "./engine-names.ts";
import { EngineSet, type EngineSetDeps } from "./engine-set.ts";
import type { ContainerCode, Engines, FinishedInput, LiveCall, LiveContainer } from "./engines.ts";
import type { FunctionEngine } from "./function-engine.ts";
import type { GpusInUse } from "./gpu-desk.ts";
import { readPatiently } from "./read-patiently.ts";
import { type FoundCall, type ReadDeps, type Reading, readOutputs } from "./reads.ts";
import { retriable, retryCall, type StoredCall } from "./retry-call.ts";
import { type Watch, watchOutputs } from "./watch.ts";

export type RegistryDeps = EngineSetDeps & CallFinderDeps;

const NO_STATS: FunctionStats = {
  queued: 0,
  running: 0,
  containers: { starting: 0, ready: 0, draining: 0 },
  desiredContainers: 0,
  reason: "nothing is waiting or running",
  degraded: null,
  deadlock: null,
};

export class EngineRegistry implements Engines {
  readonly #deps: RegistryDeps;
  readonly #set: EngineSet;
  readonly #calls: CallFinder;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
    this.#set = new EngineSet(deps);
    this.#calls = new CallFinder(this.#set, deps);
  }

  start(functionIds: readonly string[], listed: readonly ListedContainer[]): Promise<void> {
    return this.#set.start(functionIds, listed);
  }

  stop(options: { endContainers: boolean }): Promise<void> {
    return this.#set.stop(options);
  }

  ensure(functionId: string): Promise<FunctionEngine> {
    return this.#set.ensure(functionId);
  }

  lost(functionId: string): void {
    this.#set.lost(functionId);
  }

  /** The engine of a function that is loaded and was called by this name before. */
  loaded(name: FunctionName): FunctionEngine | undefined {
    return this.#set.names.get(name);
  }

  /** @throws NotFoundError saying what there is instead; of a pool also InvalidError, LimitExceededError, PermissionDeniedError. */
  async named(name: FunctionName, by: { isContainer: boolean }): Promise<FunctionEngine> {
    const { environment, app, function: fn, pool } = name;
    const find = async (): Promise<FunctionEngine> => {
      const { functionId } = await this.#deps.directory.resolve(environment, app, fn, pool, by);
      return this.#set.ensure(functionId);
    };
    const found = await find();
    // A pool may have been given up since it was resolved: asked for again, it is a new one.
    const engine = found.record.active ? found : await find();
    this.#set.names.set(name, engine);
    return engine;
  }

  stats(functionId: string): FunctionStats {
    return this.#set.get(functionId)?.stats ?? NO_STATS;
  }

  reading(functionId: string): MeterReading | undefined {
    return this.#set.get(functionId)?.meter.reading();
  }

  liveContainers(functionId: string): LiveContainer[] {
    return this.#set.get(functionId)?.liveContainers() ?? [];
  }

  liveCall(functionId: string, callId: string): LiveCall | undefined {
    return this.#set.get(functionId)?.liveCall(callId);
  }

  /** The engine and entry of a live container, for its agent's link. */
  container(containerId: string) {
    const engine = this.#set.ofContainer(containerId);
    const entry = engine?.fleet.containers.get(containerId);
    return engine && entry ? { engine, entry } : undefined;
  }

  environmentOf(containerId: string): string | undefined {
    return this.#set.ofContainer(containerId)?.record.environment;
  }

  functionOf(containerId: string): string | undefined {
    const record = this.#set.ofContainer(containerId)?.record;
    return record && `${record.appName}/${record.name}`;
  }

  /** Whether another function's engine has this call: nothing that a container says of it is believed. */
  isOfAnother(engine: FunctionEngine, callId: string): boolean {
    const found = this.#set.ofCall(callId);
    return found !== undefined && found !== engine;
  }

  codeOf(containerId: string): ContainerCode | undefined {
    const found = this.container(containerId);
    if (!found) return undefined;
    const { engine, entry } = found;
    const told = entry.bundleHash === null ? [] : [entry.bundleHash];
    return { deploymentId: entry.deploymentId, bundleHashes: [...told, engine.record.bundleHash] };
  }

  /** The input that a caller says its code runs for, if it is a container that has that input. Nobody else is believed. */
  parentOf(by: Principal, named: ParentInput | null): ParentInput | null {
    if (by.kind !== "container" || !named) return null;
    return this.#set.ofContainer(by.containerId)?.isHeldBy(by.containerId, named) ? named : null;
  }

  /** Whose rates a caller's calls count against; the containers of a function share them. Null for none. */
  rateKeyOf(by: Principal): string | null {
    if (by.kind === "user") return by.rateLimited ? `token ${by.tokenId}` : null;
    return `function ${this.#set.ofContainer(by.containerId)?.functionId ?? by.containerId}`;
  }

  async submit(call: Parameters<Engines["submit"]>[0]): Promise<{ callId: string }> {
    const { callId, kind, idempotencyKey, values, by } = call;
    const engine = await this.#set.ensure(call.functionId);
    const opening = {
      callId,
      kind,
      idempotencyKey,
      inputCount: values.length,
      parent: null,
      rateKey: this.rateKeyOf(by),
    };
    let refusal: Error | undefined;
    const settled: Settled = {
      stored() {},
      refused(error) {
        refusal = error;
      },
    };
    const open = (): void => {
      const entry = engine.intake.open(opening, settled);
      for (let from = 0; from < values.length; from += LIMITS.inputsPerChunk) {
        engine.intake.add(entry, values.slice(from, from + LIMITS.inputsPerChunk), settled);
      }
      engine.intake.close(entry);
    };
    if (idempotencyKey === null) open();
    const existing = idempotencyKey === null ? callId : await engine.intake.callOfKey(idempotencyKey, callId, open);
    await engine.committed();
    if (refusal) throw refusal;
    return { callId: existing };
  }

  async output(callId: string, index: number, timeoutMs: number): Promise<FinishedInput | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    try {
      const page = await this.read({ callId, index, limit: 1 }, { timeUp }).page;
      const [output] = page?.outputs ?? [];
      if (!output) return undefined;
      const [, status, payload, attempts, containerId] = output;
      return { status, payload, attempts, containerId };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Stored outputs from an index on, as soon as there are any; `reads.ts` says more. */
  read(
    from: { callId: string; index: number; limit: number },
    options: Pick<ReadDeps, "inTurn" | "hasRoom" | "timeUp"> & { scope?: Scope } = {},
  ): Reading {
    const { scope = null, ...more } = options;
    return readOutputs(
      { ...from, index: withinCall(from.index) },
      { ...more, find: () => this.#calls.find(from.callId, scope), reader: this.#deps.reader },
    );
  }

  /**
   * The outputs of a sync call from an index on, then its end. `room` resolves when the listener can take another page of
   * stored ones. `replayed` rejects when there is no such call.
   */
  watch(
    from: { callId: string; index: number },
    listener: CallListener,
    options: { room: () => Promise<void>; scope: Scope },
  ): Watch {
    const find = (): Promise<FoundCall> => this.#calls.find(from.callId, options.scope);
    return watchOutputs({ ...from, index: withinCall(from.index) }, listener, {
      find,
      reader: this.#deps.reader,
      room: options.room,
    });
  }

  /** The caller of a generator has taken so many of its values. False when those it asks for are lost. */
  take(
    callId: string,
    taken: { received: number; resend: boolean; scope: Scope },
    taker: Pick<CallListener, "yielded">,
  ): boolean {
    for (const { streams, record } of this.#set.values()) {
      const inScope = taken.scope === null || record.environment === taken.scope;
      if (inScope && streams.has(callId)) return streams.take(callId, taken, taker);
    }
    return !taken.resend;
  }

  /** What a generator yielded could not be passed on and is to be sent again. */
  resendYields(callId: string): void {
    for (const engine of this.#set.values()) engine.streams.resend(callId);
  }

  async cancelCall(callId: string, options: { terminateContainers: boolean; scope?: Scope }): Promise<void> {
    const { scope = null, terminateContainers } = options;
    const engine = await readPatiently(() => this.#calls.engineOf(callId, scope));
    engine?.intake.cancel(callId, { terminateContainers });
  }

  async retryCall(callId: string): Promise<{ retried: number }> {
    const read = (): Promise<StoredCall> => readPatiently(() => this.#calls.stored(callId, null));
    const call = await read();
    if (retriable(call) === 0) return { retried: 0 };
    return retryCall(await this.#set.ensure(call.functionId), call, read);
  }

  async stopContainer(containerId: string): Promise<void> {
    const found = this.container(containerId);
    if (!found) throw new NotFoundError(`no container ${containerId} is running; it may have ended already`);
    found.engine.feed([{ type: "containerStopAsked", containerId, reason: "stopped by hand" }]);
  }

  gpus(): GpusInUse {
    return this.#set.gpus.inUse();
  }

  async deployed(functionIds: readonly string[]): Promise<void> {
    for (const functionId of functionIds) {
      const record = await this.#deps.directory.byId(functionId);
      if (!record) continue;
      const engine = this.#set.get(functionId);
      if (engine) engine.deployed(record);
      else if (record.settings.minContainers > 0) this.#makeSoon(functionId);
    }
  }

  /** What was deployed or changed holds already; an engine that cannot be made now is made when the function is called. */
  #makeSoon(functionId: string): void {
    this.#set.ensure(functionId).catch((error: unknown) => {
      this.#deps.log.warn({ functionId, reason: errorData(error).message }, "no container is kept for it yet");
    });
  }

  async stopped(functionIds: readonly string[]): Promise<void> {
    for (const functionId of functionIds) {
      const engine = this.#set.get(functionId);
      if (!engine) continue;
      this.#set.names.forget(engine);
      engine.retire();
    }
  }

  giveUp<T>(functionIds: readonly string[], archive: (idle: readonly string[]) => Promise<T>): Promise<T> {
    return this.#set.giveUp(functionIds, archive);
  }

  limitsChanged(environment: string, limits: EnvironmentLimits): void {
    for (const engine of this.#set.values()) {
      if (engine.record.environment === environment) engine.limitsChanged(limits);
    }
  }
}

/** No call has an input of a higher index, and Postgres knows no much higher number. */
function withinCall(index: number): number {
  return Math.min(index, LIMITS.inputsPerCall);
}
