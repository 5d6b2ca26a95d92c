/**
 * The engines of this orchestrator: made when their function is first called, deployed with containers to keep, or
 * found with unfinished calls or running containers at start. Routes what concerns one function to its engine.
 */

import { NotFoundError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import type { CallKind } from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import type { FunctionDirectory } from "../catalog/function-directory.ts";
import type { ListedContainer } from "../containers/driver.ts";
import type { OwnerEpoch } from "../journal/facts.ts";
import type { CallListener, DeliveredOutput } from "./call-listener.ts";
import type { Engines, FinishedInput, LiveCall, LiveContainer } from "./engines.ts";
import { type EngineDeps, FunctionEngine } from "./function-engine.ts";
import { recover } from "./recovery.ts";
import { watchOutputs } from "./watch.ts";

export interface RegistryDeps extends EngineDeps {
  directory: FunctionDirectory;
  /** Makes this orchestrator the owner of a function. @throws ConflictError when another one holds it. */
  acquire: (functionId: string) => Promise<OwnerEpoch>;
}

const SWEEP_MS = 5_000;

const NO_STATS: FunctionStats = {
  queued: 0,
  running: 0,
  containers: { starting: 0, ready: 0, draining: 0 },
  desiredContainers: 0,
  reason: "no call has come since the orchestrator started",
  degraded: null,
};

export class EngineRegistry implements Engines {
  readonly #deps: RegistryDeps;
  readonly #engines = new Map<string, FunctionEngine>();
  readonly #making = new Map<string, Promise<FunctionEngine>>();
  /** Loaded engines by `environment/app/function`: the hot path of opening a call. */
  readonly #byName = new Map<string, FunctionEngine>();
  #adoptable: ListedContainer[] = [];
  #sweep: NodeJS.Timeout | undefined;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
  }

  /** Makes the engines of all functions that have something to look after. `functionIds` are those with unfinished calls or containers to keep. */
  async start(functionIds: readonly string[]): Promise<void> {
    const { driver, directory, log } = this.#deps;
    this.#sweep ??= setInterval(() => this.#forgetOver(), SWEEP_MS);
    this.#adoptable = await driver.list();
    driver.onEvent(({ containerId, error }) => this.#engineOf(containerId)?.fleet.exited(containerId, error));
    const known = new Set<string>();
    for (const functionId of new Set([...functionIds, ...this.#adoptable.map((container) => container.functionId)])) {
      if (await directory.byId(functionId)) known.add(functionId);
    }
    await Promise.all([...known].map((functionId) => this.ensure(functionId)));
    for (const { containerId, functionId } of this.#adoptable) {
      if (known.has(functionId)) continue;
      log.warn({ containerId, functionId }, "ending a container of a function that no longer exists");
      await driver.stop(containerId, { graceMs: 0 });
    }
    this.#adoptable = [];
  }

  /** With `endContainers` they are ended; otherwise they carry on and the next orchestrator adopts them. */
  async stop({ endContainers }: { endContainers: boolean }): Promise<void> {
    clearInterval(this.#sweep);
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
    const made = this.#make(functionId).finally(() => this.#making.delete(functionId));
    this.#making.set(functionId, made);
    return made;
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
    const engine = await this.ensure(call.functionId);
    const existing = call.idempotencyKey === null ? undefined : await engine.findByKey(call.idempotencyKey);
    if (existing !== undefined) return { callId: existing };
    const entry = engine.openCall(call, () => {});
    for (let from = 0; from < call.values.length; from += LIMITS.inputsPerChunk) {
      engine.addInputs(entry, call.values.slice(from, from + LIMITS.inputsPerChunk), () => {});
    }
    engine.closeCall(entry, call.values.length);
    await new Promise<void>((committed) => engine.whenCommitted(committed));
    return { callId: call.callId };
  }

  async output(callId: string, index: number, timeoutMs: number): Promise<FinishedInput | undefined> {
    let found: (output: FinishedInput | undefined) => void = () => {};
    const result = new Promise<FinishedInput | undefined>((resolve) => {
      found = resolve;
    });
    const stop = await this.watch(callId, index, {
      output: (_callId, output) => output[0] === index && found(finishedInput(output)),
      finished: () => found(undefined),
    });
    const timer = setTimeout(() => found(undefined), timeoutMs);
    return result.finally(() => {
      clearTimeout(timer);
      stop();
    });
  }

  /** Stored outputs from an index on, then live ones; the returned function ends it. @throws NotFoundError. */
  async watch(callId: string, fromIndex: number, listener: CallListener): Promise<() => void> {
    const engine = await this.#engineOfCall(callId);
    const entry = engine.calls.get(callId);
    const call = entry && {
      listen: (target: CallListener) => engine.listen(entry, target),
      unlisten: (target: CallListener) => engine.unlisten(entry, target),
    };
    const watching = watchOutputs(call, { callId, index: fromIndex }, listener, this.#deps);
    await watching.replayed;
    return watching.stop;
  }

  async cancelCall(callId: string, options: { terminateContainers: boolean }): Promise<void> {
    (await this.#engineOfCall(callId)).cancelCall(callId, options);
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

  /** Another orchestrator owns the function now: nothing more is decided or written here, its containers are let go. */
  lost(functionId: string): void {
    const engine = this.#engines.get(functionId);
    if (!engine) return;
    this.#engines.delete(functionId);
    this.#forgetName(engine);
    this.#deps.log.error({ functionId }, "another orchestrator has taken the function over");
    engine.letGo();
  }

  /** Every run of an ephemeral app makes engines; those of apps that have ended are let go. */
  #forgetOver(): void {
    for (const [functionId, engine] of this.#engines) {
      if (!engine.isOver || this.#making.has(functionId)) continue;
      this.#engines.delete(functionId);
      engine.letGo();
    }
  }

  #forgetName(engine: FunctionEngine): void {
    for (const [name, named] of this.#byName) if (named === engine) this.#byName.delete(name);
  }

  async #make(functionId: string): Promise<FunctionEngine> {
    const { directory, acquire, reader, now, log } = this.#deps;
    const record = await directory.byId(functionId);
    if (!record) throw new NotFoundError(`function ${functionId} does not exist; it may have been removed by a deploy`);
    const owner = await acquire(functionId);
    const engine = new FunctionEngine(record, owner, this.#deps, { recovering: true });
    this.#engines.set(functionId, engine);
    await recover(
      engine,
      this.#adoptable.filter((container) => container.functionId === functionId),
      reader,
      now,
    );
    engine.start();
    if (!record.active) engine.retire();
    log.info({ functionId, app: record.appName, function: record.name }, "engine started");
    return engine;
  }

  #engineOf(containerId: string): FunctionEngine | undefined {
    for (const engine of this.#engines.values()) if (engine.fleet.containers.get(containerId)) return engine;
    return undefined;
  }

  async #engineOfCall(callId: string): Promise<FunctionEngine> {
    for (const engine of this.#engines.values()) if (engine.calls.get(callId)) return engine;
    await new Promise<void>((committed) => this.#deps.journal.barrier(committed));
    const call = await this.#deps.reader.call(callId);
    if (!call) throw new NotFoundError(`there is no call ${callId}; calls are kept for 7 days`);
    return this.ensure(call.functionId);
  }
}

function finishedInput([, status, payload, attempts, containerId]: DeliveredOutput): FinishedInput {
  return { status, payload, attempts, containerId };
}
