/**
 * The engine of one function: feeds what happens to the core and performs the effects it answers with. It decides
 * nothing. Everything it holds can be rebuilt from the facts in Postgres and from the containers that run
 * (`recover`), so the process may be killed at any moment.
 */
import type { EnvironmentLimits } from "@bellows/protocol/limits";
import type { FunctionStats } from "@bellows/protocol/views";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import type { CoreEvent, ParentInput } from "../core/events.ts";
import { createFunctionCore } from "../core/function-core.ts";
import { begunCount } from "../core/slots.ts";
import type { FunctionCore } from "../core/state.ts";
import { callStatusOf, statsOf, waitingCount } from "../core/stats.ts";
import type { Fact, FactReader, Journal, OwnerEpoch } from "../journal/facts.ts";
import { FunctionMeter } from "../metering/function-meter.ts";
import { Admission, type RateBuckets } from "./admission.ts";
import { Alarm } from "./alarm.ts";
import { CallIntake } from "./call-intake.ts";
import { CallTable } from "./call-table.ts";
import type { ContainerCounts } from "./container-counts.ts";
import { CoreFeed } from "./core-feed.ts";
import { DeadlockNotice, type PublishLogs } from "./deadlock-notice.ts";
import { performEffect } from "./effects.ts";
import { EngineStanding } from "./engine-standing.ts";
import type { LiveCall, LiveContainer } from "./engines.ts";
import { Fleet, type FleetDeps } from "./fleet.ts";
import type { GpuDesk } from "./gpu-desk.ts";
import { isHeldBy, liveCallOf, liveContainersOf } from "./live-state.ts";
import type { OpenCalls } from "./open-calls.ts";
import { Streams } from "./streams.ts";

export interface EngineDeps extends FleetDeps {
  journal: Journal;
  reader: FactReader;
  /** Shared by all engines: a token's rates hold over all the functions it calls. */
  rates: RateBuckets;
  publishLogs: PublishLogs;
}

export interface EngineOptions {
  /** There is a past to wait for: containers that run, or calls that are not finished. */
  recovering: boolean;
  /** Of all engines; every one keeps its own calls in it. */
  openCalls: OpenCalls<FunctionEngine>;
  /** Of all engines. */
  containerCounts: ContainerCounts;
  /** Of all engines. */
  gpus: GpuDesk;
  /** A step failed: what the engine remembers is not to be relied on. Whoever is told lets go of it. */
  onBroken: (engine: FunctionEngine) => void;
}

const TICK_MS = 1_000;

export class FunctionEngine {
  readonly calls: CallTable;
  readonly admission: Admission;
  readonly intake: CallIntake;
  readonly streams: Streams;
  readonly fleet: Fleet;
  readonly meter: FunctionMeter;
  readonly #deps: EngineDeps;
  readonly #owner: OwnerEpoch;
  readonly #core: FunctionCore;
  readonly #feed: CoreFeed;
  readonly #openCalls: OpenCalls<FunctionEngine>;
  readonly #containerCounts: ContainerCounts;
  readonly #gpus: GpuDesk;
  readonly #deadlockNotice: DeadlockNotice;
  #record: FunctionRecord;
  readonly #alarm: Alarm;
  #tick: NodeJS.Timeout | undefined;
  readonly #standing = new EngineStanding(() => this.#record);

  constructor(record: FunctionRecord, owner: OwnerEpoch, deps: EngineDeps, options: EngineOptions) {
    this.#record = record;
    this.#owner = owner;
    this.#deps = deps;
    this.#alarm = new Alarm(deps.now, () => this.feed([{ type: "tick" }]));
    this.#containerCounts = options.containerCounts;
    this.#gpus = options.gpus;
    this.#openCalls = options.openCalls;
    this.calls = new CallTable({
      listed: (callId) => this.#openCalls.list(callId, this),
      unlisted: (callId) => this.#openCalls.unlist(callId, this),
    });
    this.fleet = new Fleet(deps, {
      record: () => this.#record,
      feed: (events) => this.feed(events),
      append: (fact) => this.append(fact),
      gpus: options.gpus,
      counted: (by) => {
        if (!this.#standing.released) this.#containerCounts.change(record.environmentId, by);
      },
    });
    this.#core = createFunctionCore({
      settings: record.settings,
      deploymentId: record.deploymentId,
      recovering: options.recovering,
      environmentCap: this.#cap,
    });
    this.meter = new FunctionMeter({
      handOver: (reading) => this.append({ type: "functionStats", functionId: this.functionId, ...reading }),
      readyAtMs: (containerId) => this.#core.containers.get(containerId)?.readyAtMs,
    });
    this.#feed = new CoreFeed(this.#core, {
      perform: (effect) => performEffect(this, effect, deps),
      environmentCap: () => this.#cap,
      gpuRoom: () => this.fleet.gpus.room(),
      isStopped: () => this.#standing.released,
      broken: () => {
        this.letGo();
        options.onBroken(this);
      },
      now: deps.now,
      log: deps.log.child({ functionId: record.functionId }),
    });
    const { calls } = this;
    this.admission = new Admission({ record: () => this.#record, calls, core: this.#core, now: deps.now }, deps.rates);
    this.intake = new CallIntake(this);
    this.streams = new Streams({ calls, send: (id, frame) => this.fleet.send(id, frame), now: deps.now });
    this.#deadlockNotice = new DeadlockNotice(this, deps);
  }

  get functionId(): string {
    return this.#record.functionId;
  }

  get record(): FunctionRecord {
    return this.#record;
  }

  get reader(): FactReader {
    return this.#deps.reader;
  }

  get isClosing(): boolean {
    return this.#standing.closing;
  }

  get isReleased(): boolean {
    return this.#standing.released;
  }

  now(): number {
    return this.#deps.now();
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
    this.meter.handOver();
    if (this.#standing.released) return;
    this.#standing.released = true;
    this.#gpus.leave(this.functionId);
    this.#containerCounts.change(this.#record.environmentId, -this.fleet.containers.size);
    for (const { callId } of this.calls.values()) this.#openCalls.unlist(callId, this);
    this.fleet.letGo();
  }

  /** Stops deciding and ends the containers; what they were running gets a short grace and is then given back. */
  async end(): Promise<void> {
    this.#halt();
    await this.fleet.close("the orchestrator is stopping");
    // With what ended meanwhile.
    this.meter.handOver();
  }

  #halt(): void {
    this.#standing.closing = true;
    clearInterval(this.#tick);
    this.#alarm.clear();
    this.#tick = undefined;
  }

  feed(events: CoreEvent[]): void {
    this.meter.at(this.#deps.now());
    this.#feed.feed(events);
    this.meter.sample(waitingCount(this.#core), begunCount(this.#core), this.fleet.containers.size);
  }

  /** Sends `tick` at this time; the last one asked for counts. */
  wakeAt(atMs: number): void {
    if (!this.#standing.closing) this.#alarm.at(atMs);
  }

  append(fact: Fact, committed?: () => void, rejected?: (error: unknown) => void): void {
    this.#deps.journal.append(this.#owner, fact, committed, rejected);
  }

  /** Whether a call is running, of this function or of another. */
  isOpen(callId: string): boolean {
    return this.#openCalls.of(callId) !== undefined;
  }

  /** Calls back when all that was appended so far is in Postgres. Never, once the function is somebody else's. */
  whenCommitted(callback: () => void): void {
    this.#deps.journal.barrier(() => {
      if (!this.#standing.released) callback();
    });
  }

  /** Resolves when all that was appended so far is in Postgres. @throws ConnectionError when that is not for us to say. */
  committed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#deps.journal.barrier(() => {
        if (this.#standing.released) reject(this.#standing.elsewhere());
        else resolve();
      });
    });
  }

  /** @throws ConnectionError, ConflictError when no call can be taken. */
  assertOpen(): void {
    this.#standing.assertOpen();
  }

  liveCall(callId: string): LiveCall | undefined {
    return liveCallOf(this.#core, this.calls, callId);
  }

  isHeldBy(containerId: string, input: ParentInput): boolean {
    return isHeldBy(this.#core, containerId, input);
  }

  liveContainers(): LiveContainer[] {
    return liveContainersOf(this.#core, this.fleet.containers, this.functionId);
  }

  /** New code or settings for everything that starts from now on. */
  deployed(record: FunctionRecord): void {
    this.#record = record;
    this.#standing.retired = !record.active;
    if (!record.active) return this.retire();
    const { deploymentId, settings } = record;
    this.whenCommitted(() => this.feed([{ type: "deployed", deploymentId, settings }]));
  }

  limitsChanged(limits: EnvironmentLimits): void {
    this.#record = { ...this.#record, limits };
    this.feed([{ type: "tick" }]);
  }

  /**
   * As many containers as the driver can run and the functions beside this one leave of their environment's. One is
   * always allowed: a function whose callers hold all containers and wait for it would wait for ever.
   */
  get #cap(): number {
    const { environmentId, limits } = this.#record;
    const others = this.#containerCounts.of(environmentId) - this.fleet.containers.size;
    return Math.min(this.#deps.driver.maxContainers, Math.max(1, limits.containers - others));
  }

  /**
   * The function is no longer in any running app: what waits is cancelled, its containers end. Inputs on their way into
   * Postgres are known to the core before, and end too; a deploy that comes after it is told after it.
   */
  retire(): void {
    this.#standing.retired = true;
    this.intake.refuseMore();
    this.whenCommitted(() => this.feed([{ type: "stopped" }]));
  }

  /** Nothing would be lost if this engine were forgotten. */
  get isOver(): boolean {
    return this.#standing.retired && this.isIdle;
  }

  get isIdle(): boolean {
    return this.fleet.containers.size === 0 && this.calls.size === 0;
  }

  #everySecond(): void {
    this.intake.endVanished();
    for (const entry of this.calls.values()) {
      if (!entry.dirty) continue;
      entry.dirty = false;
      const status = callStatusOf(this.#core, entry.callId);
      if (status) this.append({ type: "callProgress", callId: entry.callId, counts: status.counts });
    }
    this.streams.forgetOver();
    this.fleet.endOverdue();
    this.feed([{ type: "tick" }]);
    this.#deadlockNotice.look();
  }
}
