/**
 * The engines of this orchestrator: made when their function is first called, deployed with containers to keep, or
 * found with unfinished calls or running containers at start. Routes what concerns one function to its engine.
 */

import { setTimeout as delay } from "node:timers/promises";
import { ConflictError, ConnectionError, errorData, NotFoundError } from "@bellows/protocol/errors";
import { isId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { type CallKind, isFinishedCall } from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import type { FunctionDirectory } from "../catalog/function-directory.ts";
import type { ListedContainer } from "../containers/driver.ts";
import type { OwnerEpoch } from "../journal/facts.ts";
import { awaitOutput } from "./await-output.ts";
import type { CallListener } from "./call-listener.ts";
import type { Engines, FinishedInput, LiveCall, LiveContainer } from "./engines.ts";
import { type EngineDeps, FunctionEngine } from "./function-engine.ts";
import { readPatiently } from "./read-patiently.ts";
import { hasPast, recover } from "./recovery.ts";
import { type Watch, type WatchedCall, watchOutputs } from "./watch.ts";

export interface RegistryDeps extends EngineDeps {
  directory: FunctionDirectory;
  /** Makes this orchestrator the owner of a function. @throws ConflictError when another one holds it. */
  acquire: (functionId: string) => Promise<OwnerEpoch>;
  /** An engine failed and is made again: clients that wait for something of it have to ask again. */
  onBroken: (functionId: string) => void;
}

const SWEEP_MS = 5_000;
/** How long after its failure an engine is made again; twice as long each time, unless it has worked for a while. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

const NO_STATS: FunctionStats = {
  queued: 0,
  running: 0,
  containers: { starting: 0, ready: 0, draining: 0 },
  desiredContainers: 0,
  reason: "nothing is waiting or running",
  degraded: null,
};

export class EngineRegistry implements Engines {
  readonly #deps: RegistryDeps;
  readonly #engines = new Map<string, FunctionEngine>();
  readonly #making = new Map<string, Promise<FunctionEngine>>();
  /** Loaded engines by `environment/app/function`: the hot path of opening a call. */
  readonly #byName = new Map<string, FunctionEngine>();
  /** The containers of an earlier process. No engine is made before they are known, or it would not find its own. */
  #adoptable: Promise<ListedContainer[]>;
  #listed: (containers: ListedContainer[]) => void = () => {};
  /** Containers that ended during the start, and are not to be adopted any more. Null after it. */
  #ended: Set<string> | null = new Set();
  #sweep: NodeJS.Timeout | undefined;
  readonly #stopping = new AbortController();
  /** The latest failures of engines: when, and how long the pause after it is. */
  readonly #failures = new Map<string, { atMs: number; pauseMs: number }>();
  #stopped = false;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
    this.#adoptable = new Promise((resolve) => {
      this.#listed = resolve;
    });
  }

  /** Makes the engines of all functions that have something to look after. `functionIds` are those with unfinished calls or containers to keep. */
  async start(functionIds: readonly string[]): Promise<void> {
    const { driver, directory, log } = this.#deps;
    this.#sweep ??= setInterval(() => this.#forgetOver(), SWEEP_MS);
    driver.onEvent(({ containerId, error }) => {
      this.#ended?.add(containerId);
      this.#engineOf(containerId)?.fleet.exited(containerId, error);
    });
    const adoptable = await driver.list();
    this.#listed(adoptable);
    const known = new Set<string>();
    for (const functionId of new Set([...functionIds, ...adoptable.map((container) => container.functionId)])) {
      if (await directory.byId(functionId)) known.add(functionId);
    }
    await Promise.all([...known].map((functionId) => this.ensure(functionId)));
    for (const { containerId, functionId } of adoptable) {
      if (known.has(functionId)) continue;
      log.warn({ containerId, functionId }, "ending a container of a function that no longer exists");
      await driver.stop(containerId, { graceMs: 0 });
    }
    this.#adoptable = Promise.resolve([]);
    this.#ended = null;
  }

  /** With `endContainers` they are ended; otherwise they carry on and the next orchestrator adopts them. */
  async stop({ endContainers }: { endContainers: boolean }): Promise<void> {
    this.#stopped = true;
    this.#stopping.abort();
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    this.#listed([]);
    await Promise.allSettled(this.#making.values());
    const engines = [...this.#engines.values()];
    if (endContainers) await Promise.all(engines.map((engine) => engine.end()));
    else for (const engine of engines) engine.letGo();
  }

  /** The engine of a function, made if need be. @throws NotFoundError. */
  ensure(functionId: string): Promise<FunctionEngine> {
    const making = this.#making.get(functionId);
    if (making) return making;
    const engine = this.#engines.get(functionId);
    if (engine) return Promise.resolve(engine);
    if (this.#stopped)
      return Promise.reject(new ConnectionError("the orchestrator is stopping; try again in a moment"));
    return this.#keep(functionId, this.#make(functionId, this.#adoptable));
  }

  #keep(functionId: string, making: Promise<FunctionEngine>): Promise<FunctionEngine> {
    const made = making.finally(() => {
      if (this.#making.get(functionId) === made) this.#making.delete(functionId);
    });
    this.#making.set(functionId, made);
    return made;
  }

  /** An engine that failed has been let go. The next one comes from the facts and from the containers that run. */
  #broken(engine: FunctionEngine): void {
    const { functionId } = engine;
    this.#forget(engine);
    this.#deps.onBroken(functionId);
    const left = [...engine.fleet.containers.values()].map(({ containerId, deploymentId, createdAtMs }) => ({
      containerId,
      functionId,
      deploymentId,
      handle: containerId,
      createdAtMs,
    }));
    this.#makeAgain(functionId, left);
  }

  #makeAgain(functionId: string, left: readonly ListedContainer[]): void {
    if (this.#stopped) return;
    const { driver, now, log } = this.#deps;
    const pauseMs = this.#pauseMs(functionId);
    const make = async (): Promise<FunctionEngine> => {
      await delay(pauseMs, undefined, { signal: this.#stopping.signal });
      return this.#make(functionId, driver.list(), left);
    };
    log.warn({ functionId, pauseMs, atMs: now() }, "an engine that failed is made again after a pause");
    this.#keep(functionId, make()).catch((error: unknown) => {
      const isOver = error instanceof NotFoundError || error instanceof ConflictError;
      if (isOver || this.#engines.has(functionId) || this.#making.has(functionId)) return;
      if (!this.#stopped) log.warn({ functionId, reason: errorData(error).message }, "it could not be made");
      this.#makeAgain(functionId, left);
    });
  }

  #pauseMs(functionId: string): number {
    const atMs = this.#deps.now();
    const last = this.#failures.get(functionId);
    const again = last && atMs - last.atMs < 2 * LONGEST_PAUSE_MS;
    const pauseMs = again ? Math.min(LONGEST_PAUSE_MS, 2 * last.pauseMs) : FIRST_PAUSE_MS;
    this.#failures.set(functionId, { atMs, pauseMs });
    return pauseMs;
  }

  loaded(environment: string, app: string, name: string): FunctionEngine | undefined {
    return this.#byName.get(`${environment}/${app}/${name}`);
  }

  /** @throws NotFoundError saying what there is instead. */
  async named(environment: string, app: string, name: string): Promise<FunctionEngine> {
    const record = await this.#deps.directory.resolve(environment, app, name);
    const engine = await this.ensure(record.functionId);
    this.#byName.set(`${environment}/${app}/${name}`, engine);
    return engine;
  }

  stats(functionId: string): FunctionStats {
    return this.#engines.get(functionId)?.stats ?? NO_STATS;
  }

  liveContainers(functionId: string): LiveContainer[] {
    return this.#engines.get(functionId)?.liveContainers() ?? [];
  }

  liveCall(functionId: string, callId: string): LiveCall | undefined {
    return this.#engines.get(functionId)?.liveCall(callId);
  }

  /** The engine and entry of a live container, for its agent's link. */
  container(containerId: string) {
    const engine = this.#engineOf(containerId);
    const entry = engine?.fleet.containers.get(containerId);
    return engine && entry ? { engine, entry } : undefined;
  }

  async submit(call: {
    callId: string;
    functionId: string;
    kind: CallKind;
    values: Uint8Array[];
    idempotencyKey: string | null;
  }): Promise<{ callId: string }> {
    const { callId, idempotencyKey, values } = call;
    const engine = await this.ensure(call.functionId);
    const open = (): void => {
      const entry = engine.intake.open(call, () => {});
      for (let from = 0; from < values.length; from += LIMITS.inputsPerChunk) {
        engine.intake.add(entry, values.slice(from, from + LIMITS.inputsPerChunk), () => {});
      }
      engine.intake.close(entry);
    };
    if (idempotencyKey === null) open();
    const existing = idempotencyKey === null ? callId : await engine.intake.callOfKey(idempotencyKey, callId, open);
    await engine.committed();
    return { callId: existing };
  }

  async output(callId: string, index: number, timeoutMs: number): Promise<FinishedInput | undefined> {
    const { reader } = this.#deps;
    const found = await this.#find(callId);
    const find = (): Promise<WatchedCall | undefined> => Promise.resolve(found?.call);
    return awaitOutput({ callId, index }, timeoutMs, { find, committed: () => this.#committed(found?.engine), reader });
  }

  /**
   * Stored outputs from an index on, then live ones. `room` resolves when the listener can take another page of stored
   * ones. Its `replayed` rejects with NotFoundError when there is no such call.
   */
  watch(callId: string, fromIndex: number, listener: CallListener, room?: () => Promise<void>): Watch {
    let engine: FunctionEngine | undefined;
    return watchOutputs({ callId, index: fromIndex }, listener, {
      find: async () => {
        const found = await this.#find(callId);
        engine = found?.engine;
        return found?.call;
      },
      committed: () => this.#committed(engine),
      reader: this.#deps.reader,
      room,
    });
  }

  async cancelCall(callId: string, options: { terminateContainers: boolean }): Promise<void> {
    const found = await readPatiently(() => this.#find(callId));
    found?.engine.intake.cancel(callId, options);
  }

  async stopContainer(containerId: string): Promise<void> {
    const found = this.container(containerId);
    if (!found) throw new NotFoundError(`no container ${containerId} is running; it may have ended already`);
    found.engine.feed([{ type: "containerStopAsked", containerId, reason: "stopped by hand" }]);
  }

  async deployed(functionIds: readonly string[]): Promise<void> {
    for (const functionId of functionIds) {
      const record = await this.#deps.directory.byId(functionId);
      if (!record) continue;
      const engine = this.#engines.get(functionId);
      if (engine) engine.deployed(record);
      else if (record.settings.minContainers > 0) await this.ensure(functionId);
    }
  }

  async stopped(functionIds: readonly string[]): Promise<void> {
    for (const functionId of functionIds) {
      const engine = this.#engines.get(functionId);
      if (!engine) continue;
      this.#forgetName(engine);
      engine.retire();
    }
  }

  /**
   * Another orchestrator owns the function now: nothing more is decided or written here, its containers are let go.
   * Clients that wait for something of it have to be told, or cut off.
   */
  lost(functionId: string): void {
    const engine = this.#engines.get(functionId);
    if (!engine) return;
    this.#forget(engine);
    this.#deps.log.error({ functionId }, "another orchestrator has taken the function over");
    engine.letGo();
  }

  /** Every run of an ephemeral app makes engines; those of apps that have ended are let go. */
  #forgetOver(): void {
    for (const [functionId, engine] of this.#engines) {
      if (!engine.isOver || this.#making.has(functionId)) continue;
      this.#forget(engine);
      engine.letGo();
    }
  }

  #forget(engine: FunctionEngine): void {
    if (this.#engines.get(engine.functionId) === engine) this.#engines.delete(engine.functionId);
    this.#forgetName(engine);
  }

  #forgetName(engine: FunctionEngine): void {
    for (const [name, named] of this.#byName) if (named === engine) this.#byName.delete(name);
  }

  /** `left` are containers that ran under an earlier engine of this process; those not listed any more have ended. */
  async #make(
    functionId: string,
    listed: Promise<ListedContainer[]>,
    left: readonly ListedContainer[] = [],
  ): Promise<FunctionEngine> {
    const { directory, acquire, reader, now, log } = this.#deps;
    if (!(await directory.byId(functionId))) throw noFunction(functionId);
    const adoptable = await listed;
    const owner = await acquire(functionId);
    // An engine that was let go a moment ago may have facts on their way.
    await this.#committed();
    const calls = await reader.unfinishedCalls(functionId);
    // Read last: from here to `set` nothing else runs, so no deploy and no stop falls between the two.
    const record = await directory.byId(functionId);
    if (!record) throw noFunction(functionId);
    const containers = adoptable.filter(
      (found) => found.functionId === functionId && !this.#ended?.has(found.containerId),
    );
    const ended = left.filter(({ containerId }) => !containers.some((found) => found.containerId === containerId));
    const past = { containers: [...containers, ...ended], calls };
    const engine = new FunctionEngine(record, owner, this.#deps, {
      recovering: hasPast(past),
      onBroken: (broken) => this.#broken(broken),
    });
    this.#engines.set(functionId, engine);
    recover(engine, past, now);
    for (const { containerId } of ended) engine.fleet.exited(containerId, null);
    if (engine.isReleased) throw new ConnectionError("the function's engine failed; try again in a moment");
    engine.start();
    if (!engine.record.active) engine.retire();
    log.info({ functionId, app: record.appName, function: record.name }, "engine started");
    return engine;
  }

  #engineOf(containerId: string): FunctionEngine | undefined {
    for (const engine of this.#engines.values()) if (engine.fleet.containers.get(containerId)) return engine;
    return undefined;
  }

  /** The engine of a call that is not finished; undefined for a finished one. @throws NotFoundError. */
  async #find(callId: string): Promise<{ engine: FunctionEngine; call: WatchedCall | undefined } | undefined> {
    for (const engine of this.#engines.values()) {
      if (engine.calls.get(callId)) return { engine, call: watchedCall(engine, callId) };
    }
    await this.#committed();
    const call = isId(callId) ? await this.#deps.reader.call(callId) : undefined;
    if (!call) throw new NotFoundError(`there is no call ${callId}; calls are kept for 7 days`);
    if (isFinishedCall(call.state)) return undefined;
    const engine = await this.ensure(call.functionId);
    return { engine, call: watchedCall(engine, callId) };
  }

  #committed(engine?: FunctionEngine): Promise<void> {
    return engine ? engine.committed() : new Promise((resolve) => this.#deps.journal.barrier(resolve));
  }
}

function watchedCall(engine: FunctionEngine, callId: string): WatchedCall | undefined {
  const entry = engine.calls.get(callId);
  return (
    entry && {
      listen: (listener) => engine.listen(entry, listener),
      unlisten: (listener) => engine.unlisten(entry, listener),
    }
  );
}

function noFunction(functionId: string): NotFoundError {
  return new NotFoundError(`function ${functionId} does not exist; it may have been removed by a deploy`);
}
