/**
 * The engines of this process, one per function: made when a function is first needed, made again when one has failed,
 * let go when it is over. Kept true: a function has one engine at a time here, and no engine is made before the
 * containers of an earlier process are known, or it would not find its own.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ConflictError, ConnectionError, type ErrorData, errorData, NotFoundError } from "@bellows/protocol/errors";
import type { FunctionDirectory } from "../catalog/function-directory.ts";
import type { ListedContainer } from "../containers/driver.ts";
import type { ContainerOwner, OwnerEpoch } from "../journal/facts.ts";
import { ContainerCounts } from "./container-counts.ts";
import { EngineNames } from "./engine-names.ts";
import { FailurePauses } from "./failure-pauses.ts";
import { type EngineDeps, FunctionEngine } from "./function-engine.ts";
import { GpuDesk } from "./gpu-desk.ts";
import { OpenCalls } from "./open-calls.ts";
import { hasPast, type OwnedContainer, recover } from "./recovery.ts";
import type { StandbyPool } from "./standby-pool.ts";

export interface EngineSetDeps extends EngineDeps {
  directory: FunctionDirectory;
  /** Makes this orchestrator the owner of a function. @throws ConflictError when another one holds it. */
  acquire: (functionId: string) => Promise<OwnerEpoch>;
  standby: StandbyPool;
  /** An engine failed and is made again: clients that wait for something of it have to ask again. */
  onBroken: (functionId: string) => void;
}

const SWEEP_MS = 5_000;

export class EngineSet {
  readonly names = new EngineNames();
  readonly #deps: EngineSetDeps;
  readonly #engines = new Map<string, FunctionEngine>();
  readonly #openCalls = new OpenCalls<FunctionEngine>();
  readonly #containerCounts = new ContainerCounts();
  readonly gpus: GpuDesk;
  readonly #making = new Map<string, Promise<FunctionEngine>>();
  /** Until when no engine of a function is made. */
  readonly #givingUp = new Map<string, Promise<void>>();
  /** The containers of an earlier process. */
  #adoptable: Promise<OwnedContainer[]>;
  #listed: (containers: OwnedContainer[]) => void = () => {};
  /** Of what containers have ended before the start was over. Null after it. */
  #ended: Map<string, ErrorData | null> | null = new Map();
  #sweep: NodeJS.Timeout | undefined;
  readonly #stopping = new AbortController();
  readonly #pauses = new FailurePauses();

  constructor(deps: EngineSetDeps) {
    this.#deps = deps;
    this.gpus = new GpuDesk(deps.driver.capabilities.gpus, deps.now, (waiting) => {
      for (const functionId of waiting) this.#engines.get(functionId)?.feed([{ type: "tick" }]);
    });
    this.#adoptable = new Promise((resolve) => {
      this.#listed = resolve;
    });
    // Before anything is listed: what ends after that has been listed as running.
    deps.driver.onEvent(({ containerId, error }) => {
      this.#ended?.set(containerId, error);
      this.gpus.release(containerId);
      this.#deps.standby.exited(containerId);
      this.ofContainer(containerId)?.fleet.exited(containerId, error);
    });
  }

  /**
   * Makes the engines of all functions that have something to look after. `functionIds` are those with unfinished calls or
   * containers to keep; `listed` is what the driver has found, since this set was made.
   */
  async start(functionIds: readonly string[], listed: readonly ListedContainer[]): Promise<void> {
    const { driver, directory, log } = this.#deps;
    this.#sweep ??= setInterval(() => this.#forgetOver(), SWEEP_MS);
    const adoptable = await this.#owned(listed);
    for (const found of adoptable) if (!this.#ended?.has(found.containerId)) this.gpus.adopt(found);
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
      this.gpus.release(containerId);
    }
    this.#adoptable = Promise.resolve([]);
    this.#ended = null;
  }

  /** With `endContainers` they are ended; otherwise they carry on and the next orchestrator adopts them. */
  async stop({ endContainers }: { endContainers: boolean }): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    this.#listed([]);
    await Promise.allSettled(this.#making.values());
    const engines = [...this.#engines.values()];
    if (endContainers) await Promise.all(engines.map((engine) => engine.end()));
    else for (const engine of engines) engine.letGo();
  }

  /**
   * The containers of functions. One that was kept ready has its function by what the journal knows of it; where that knows
   * nothing, and nobody keeps it ready here, it is left over and is ended.
   */
  async #owned(listed: readonly ListedContainer[]): Promise<OwnedContainer[]> {
    const { driver, reader, journal, standby } = this.#deps;
    const unnamed = listed.filter(({ functionId }) => functionId === null).map(({ containerId }) => containerId);
    if (unnamed.length > 0) await new Promise<void>((resolve) => journal.barrier(resolve));
    const owners = unnamed.length > 0 ? await reader.containerOwners(unnamed) : new Map<string, ContainerOwner>();
    // An engine may have taken it since its owner was asked for; which of the two it is changes without a pause.
    const isKept = (containerId: string): boolean =>
      standby.has(containerId) || this.ofContainer(containerId) !== undefined;
    const owned: OwnedContainer[] = [];
    for (const container of listed) {
      const owner = ownerOf(container) ?? owners.get(container.containerId);
      if (owner) owned.push({ ...container, ...owner });
      else if (!isKept(container.containerId)) await driver.stop(container.containerId, { graceMs: 0 });
    }
    return owned;
  }

  get(functionId: string): FunctionEngine | undefined {
    return this.#engines.get(functionId);
  }

  values(): Iterable<FunctionEngine> {
    return this.#engines.values();
  }

  ofCall(callId: string): FunctionEngine | undefined {
    return this.#openCalls.of(callId);
  }

  ofContainer(containerId: string): FunctionEngine | undefined {
    for (const engine of this.#engines.values()) if (engine.fleet.containers.get(containerId)) return engine;
    return undefined;
  }

  /** The engine of a function, made if need be. @throws NotFoundError, ConflictError, ConnectionError. */
  ensure(functionId: string): Promise<FunctionEngine> {
    const making = this.#making.get(functionId);
    if (making) return making;
    const engine = this.#engines.get(functionId);
    if (engine) return Promise.resolve(engine);
    if (this.#isStopped)
      return Promise.reject(new ConnectionError("the orchestrator is stopping; try again in a moment"));
    const made = (): Promise<FunctionEngine> => this.#make(functionId, this.#adoptable);
    const givenUp = this.#givingUp.get(functionId);
    return this.#keep(functionId, givenUp ? givenUp.then(made) : made());
  }

  /** Lets go of the idle ones of these engines, and makes none of them before this has ended; see `Engines`. */
  async giveUp<T>(functionIds: readonly string[], archive: (idle: readonly string[]) => Promise<T>): Promise<T> {
    let ended = (): void => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const idle = functionIds.filter((functionId) => {
      // One that is being made may find something.
      if (this.#making.has(functionId) || this.#engines.get(functionId)?.isIdle === false) return false;
      this.#givingUp.set(functionId, end);
      this.#letGo(functionId);
      return true;
    });
    try {
      return await archive(idle);
    } finally {
      for (const functionId of idle) this.#givingUp.delete(functionId);
      ended();
    }
  }

  /**
   * Another orchestrator owns the function now: nothing more is decided or written here, its containers are let go.
   * Clients that wait for something of it have to be told, or cut off.
   */
  lost(functionId: string): void {
    if (this.#letGo(functionId)) {
      this.#deps.log.error({ functionId }, "another orchestrator has taken the function over");
    }
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #keep(functionId: string, making: Promise<FunctionEngine>): Promise<FunctionEngine> {
    const made = making.finally(() => {
      if (this.#making.get(functionId) === made) this.#making.delete(functionId);
    });
    this.#making.set(functionId, made);
    return made;
  }

  /** `left` are containers that ran under an earlier engine of this process; those not listed any more have ended. */
  async #make(
    functionId: string,
    listed: Promise<OwnedContainer[]>,
    left: readonly OwnedContainer[] = [],
  ): Promise<FunctionEngine> {
    const { directory, acquire, journal, reader, now, log } = this.#deps;
    if (!(await directory.byId(functionId))) throw noFunction(functionId);
    const adoptable = await listed;
    const owner = await acquire(functionId);
    // An engine that was let go a moment ago may have facts on their way.
    await new Promise<void>((resolve) => journal.barrier(resolve));
    const calls = await reader.unfinishedCalls(functionId);
    // Read last: from here to `set` nothing else runs, so no deploy and no stop falls between the two.
    const record = await directory.byId(functionId);
    if (!record) throw noFunction(functionId);
    const own = adoptable.filter((found) => found.functionId === functionId);
    const unlisted = left.filter(({ containerId }) => !own.some((found) => found.containerId === containerId));
    const ended = [...unlisted, ...own.filter(({ containerId }) => this.#ended?.has(containerId))];
    const past = { containers: [...own, ...unlisted], calls };
    const engine = new FunctionEngine(record, owner, this.#deps, {
      recovering: hasPast(past),
      openCalls: this.#openCalls,
      containerCounts: this.#containerCounts,
      gpus: this.gpus,
      onBroken: (broken) => this.#broken(broken),
    });
    this.#engines.set(functionId, engine);
    recover(engine, past, now);
    for (const { containerId } of ended) engine.fleet.exited(containerId, this.#ended?.get(containerId) ?? null);
    if (engine.isReleased) throw new ConnectionError("the function's engine failed; try again in a moment");
    engine.start();
    if (!engine.record.active) engine.retire();
    log.info({ functionId, app: record.appName, function: record.name }, "engine started");
    return engine;
  }

  /** An engine that failed has been let go. The next one comes from the facts and from the containers that run. */
  #broken(engine: FunctionEngine): void {
    const { functionId } = engine;
    this.#forget(engine);
    this.#deps.onBroken(functionId);
    const left = [...engine.fleet.containers.values()].map(({ containerId, deploymentId, createdAtMs, gpus }) => ({
      containerId,
      functionId,
      deploymentId,
      handle: containerId,
      createdAtMs,
      gpus,
    }));
    this.#makeAgain(functionId, left);
  }

  #makeAgain(functionId: string, left: readonly OwnedContainer[]): void {
    if (this.#isStopped) return;
    const { now, log } = this.#deps;
    const pauseMs = this.#pauses.next(functionId, now());
    const make = async (): Promise<FunctionEngine> => {
      await delay(pauseMs, undefined, { signal: this.#stopping.signal });
      return this.#make(functionId, this.#owned(await this.#deps.driver.list()), left);
    };
    log.warn({ functionId, pauseMs, atMs: now() }, "an engine that failed is made again after a pause");
    this.#keep(functionId, make()).catch((error: unknown) => {
      const isOver = error instanceof NotFoundError || error instanceof ConflictError;
      if (isOver || this.#engines.has(functionId) || this.#making.has(functionId)) return;
      if (!this.#isStopped) log.warn({ functionId, reason: errorData(error).message }, "it could not be made");
      this.#makeAgain(functionId, left);
    });
  }

  /** Every run of an ephemeral app makes engines; those of apps that have ended are let go. */
  #forgetOver(): void {
    for (const [functionId, engine] of this.#engines) {
      if (engine.isOver && !this.#making.has(functionId)) this.#letGo(functionId);
    }
  }

  /** False when there is none. */
  #letGo(functionId: string): boolean {
    const engine = this.#engines.get(functionId);
    if (!engine) return false;
    this.#forget(engine);
    engine.letGo();
    return true;
  }

  #forget(engine: FunctionEngine): void {
    if (this.#engines.get(engine.functionId) === engine) this.#engines.delete(engine.functionId);
    this.names.forget(engine);
  }
}

function ownerOf({ functionId, deploymentId }: ListedContainer): ContainerOwner | undefined {
  return functionId === null || deploymentId === null ? undefined : { functionId, deploymentId };
}

function noFunction(functionId: string): NotFoundError {
  return new NotFoundError(`function ${functionId} does not exist; it may have been removed by a deploy`);
}
