/**
 * A world in virtual time around one core: clients, containers with links that are cut, a store that commits late, and
 * an orchestrator that is killed and comes back. It performs the core's effects as the engine does and checks after
 * every step what must always hold; a breach throws.
 */
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import type { CallKind } from "@bellows/protocol/states";
import type { CoreEvent, Effect, InputOutput, ParentInput } from "../events.ts";
import { createFunctionCore, stepMany } from "../function-core.ts";
import { runsAtMostOnce } from "../retry.ts";
import { type Random, randomOf } from "../seeded-random.ts";
import { capacity } from "../slots.ts";
import type { FunctionCore } from "../state.ts";
import { Answers } from "./simulated-answers.ts";
import { Audit } from "./simulated-audit.ts";
import { Clock } from "./simulated-clock.ts";
import type { FleetOptions, SimAttempt, SimContainer } from "./simulated-container.ts";
import { Fleet } from "./simulated-fleet.ts";
import { type GpuShare, Gpus } from "./simulated-gpus.ts";
import { Rules } from "./simulated-rules.ts";
import { Store, type StoredCall, VALUE } from "./simulated-store.ts";

export interface WorldOptions extends FleetOptions {
  seed: number;
  settings: FunctionSettings;
  /** Chance of an attempt to call the same function, and of that to wait for the answer. */
  nesting?: { calls: number; waits: number };
  /** The GPUs that it shares with other worlds, in the same time. */
  gpus?: GpuShare;
  clock?: Clock;
}

const COMMIT_MS = 4;
const ADOPTION_MS = 2_000;
const NO_COUNTS = { succeeded: 0, failed: 0, cancelled: 0 };

export class World {
  readonly clock: Clock;
  readonly store = new Store();
  readonly fleet: Fleet;
  readonly random: Random;
  core: FunctionCore;
  /** Attempts in the order in which they began. */
  readonly begun: AttemptRef[] = [];
  readonly decisions: number[] = [];
  readonly #options: WorldOptions;
  #settings: FunctionSettings;
  #deploymentId = "deployment-1";
  #environmentCap = 100;
  /** Grows with every restart: what the old process was about to do is not done. */
  #life = 0;
  readonly #answers = new Answers(this.store, (action) => this.#later(COMMIT_MS, action));
  readonly #gpus: Gpus;
  #rules: Rules;
  #fed: CoreEvent[][] = [];
  readonly #audit = new Audit();
  #made = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.clock = options.clock ?? new Clock();
    this.#settings = options.settings;
    this.random = randomOf(options.seed);
    this.core = this.#newCore(false);
    this.#rules = new Rules(this.store);
    const { clock, random } = this;
    this.#gpus = new Gpus({ share: options.gpus, settings: () => this.#settings, nowMs: () => clock.nowMs });
    this.fleet = new Fleet({
      clock,
      random,
      options,
      settings: () => this.#settings,
      feed: (...events) => this.feed(...events),
      knows: (containerId) => this.core.containers.has(containerId),
      whenStored: (action) => this.#later(COMMIT_MS, action),
      began: (attempt) => this.#began(attempt),
      isFinished: (callId) => this.store.calls.get(callId)?.finished ?? true,
      ended: (containerId) => this.#gpus.release(containerId),
    });
    this.#tickEverySecond();
  }

  // What clients do.

  call(
    kind: CallKind,
    chunks: readonly number[],
    options: { close: boolean; stored: boolean; parent?: ParentInput },
  ): string {
    const callId = `call-${++this.#made}`;
    const parent = options.parent ?? null;
    this.store.open(callId, kind, parent);
    this.feed({ type: "callOpened", callId, kind, inputCount: null, storedCount: 0, counts: NO_COUNTS, parent });
    for (const count of chunks) this.addInputs(callId, count, options.stored);
    if (options.close) this.close(callId);
    return callId;
  }

  close(callId: string): void {
    const call = this.store.calls.get(callId);
    if (!call || call.finished || call.cancelled) return;
    call.inputCount = call.storedCount;
    this.feed({ type: "callClosed", callId, inputCount: call.storedCount });
  }

  addInputs(callId: string, count: number, stored: boolean): void {
    const call = this.store.calls.get(callId);
    if (!call || call.finished || call.cancelled || call.inputCount !== null) return;
    const first = call.storedCount;
    call.storedCount += count;
    const inputs = Array.from({ length: count }, (_, offset) => ({
      index: first + offset,
      value: VALUE,
      failedAttempts: 0,
      lostAttempts: 0,
      lastAttempt: 0,
    }));
    this.feed(stored ? { type: "inputsStored", callId, count } : { type: "inputsArrived", callId, inputs });
  }

  cancel(callId: string, terminateContainers: boolean): void {
    const call = this.store.calls.get(callId);
    if (!call || call.finished) return;
    call.cancelled = true;
    this.feed({ type: "callCancelled", callId, terminateContainers });
  }

  /** A finished call begins again with the inputs that did not succeed. */
  retry(call: StoredCall): void {
    const again = this.store.retry(call);
    this.#answers.retried(call.callId, again);
    this.#rules.retried(call.callId, again);
    this.feed(this.#opened(call));
  }

  // What its owner does.

  deploy(settings: FunctionSettings, sameCode: boolean): void {
    this.#settings = { ...settings, kind: this.#settings.kind };
    if (!sameCode) this.#deploymentId = `deployment-${++this.#made}`;
    this.feed({ type: "deployed", deploymentId: this.#deploymentId, settings: this.#settings });
  }

  setCap(environmentCap: number): void {
    this.#environmentCap = environmentCap;
    this.feed({ type: "capChanged", environmentCap });
  }

  /** `kill -9` of the orchestrator: everything in its memory is gone, the containers run on. Some may come back too late. */
  restart(downMs: number, late: boolean): void {
    this.#life += 1;
    this.#fed = [];
    this.#gpus.await(0);
    this.#answers.forget();
    this.core = this.#newCore(true);
    this.#rules = new Rules(this.store);
    this.fleet.orchestratorGone(downMs, late ? 3 * ADOPTION_MS : ADOPTION_MS / 2);
    this.#later(downMs, () => this.#comeBack());
  }

  /** What must hold when everything has come to rest. */
  checkFinished(): void {
    this.#answers.checkFinished();
    if (!runsAtMostOnce(this.#settings)) return;
    const begun = new Set(this.begun.map(([callId, index]) => `${callId}:${index}`));
    if (begun.size < this.begun.length) throw new Error("an input of a generator began twice");
  }

  /** Outputs as clients got them, by `callId:index`. */
  get delivered(): ReadonlyMap<string, InputOutput> {
    return this.#answers.delivered;
  }

  get live(): SimContainer[] {
    return this.fleet.live;
  }

  // What the engine does.

  feed(...events: CoreEvent[]): void {
    this.#fed.push(events);
    if (this.#fed.length > 1) return;
    for (let next = this.#fed[0]; next; next = this.#fed[0]) {
      const effects = stepMany(this.core, [...this.#gpus.changed(), ...next], this.clock.nowMs);
      this.#rules.check(this.core, effects, this.clock.nowMs);
      for (const effect of effects) this.#perform(effect);
      this.#fed.shift();
      this.#audit.stepped(this.core);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "run":
        return this.fleet.agents.run(this.fleet.get(effect.containerId), effect.inputs);
      case "recall":
        return this.fleet.agents.recall(this.fleet.get(effect.containerId), effect.attempts);
      case "cancelAttempts":
        return this.fleet.agents.cancel(this.fleet.get(effect.containerId), effect.attempts);
      case "startContainers":
        return this.#startContainers(effect.count, effect.deploymentId);
      case "awaitGpus":
        return this.#gpus.await(effect.count);
      case "drain":
        return this.fleet.drain(effect.containerId);
      case "kill":
        return this.fleet.kill(effect.containerId);
      case "output":
        return this.#answers.output(effect.output);
      case "attemptFailed": {
        const { callId, index, attempt, outcome } = effect;
        return this.#later(COMMIT_MS, () => this.store.addAttempt(callId, index, attempt, outcome));
      }
      case "load":
        return this.#later(this.random.between(1, this.random.chance(0.1) ? 500 : 8), () => {
          const { callId, fromIndex, limit } = effect;
          this.feed({ type: "inputsLoaded", callId, ...this.store.read(callId, fromIndex, limit) });
        });
      case "callFinished":
        return this.#answers.finished(effect);
      case "decided":
        this.decisions.push(effect.decision.desired);
        return;
      case "wake":
        return this.#later(effect.atMs - this.clock.nowMs, () => this.feed({ type: "tick" }));
      default:
        effect satisfies never;
    }
  }

  #newCore(recovering: boolean): FunctionCore {
    return createFunctionCore({
      settings: this.#settings,
      deploymentId: this.#deploymentId,
      recovering,
      environmentCap: this.#environmentCap,
    });
  }

  #comeBack(): void {
    for (const { id, deploymentId } of this.live) {
      this.feed({ type: "containerStarting", containerId: id, deploymentId, adopted: true });
    }
    for (const call of this.store.unfinished) {
      // It was made meanwhile.
      if (this.core.calls.get(call.callId)?.opened || this.core.endedCalls.has(call.callId)) continue;
      this.feed(this.#opened(call));
      if (call.cancelled) this.feed({ type: "callCancelled", callId: call.callId, terminateContainers: false });
    }
    this.#later(ADOPTION_MS, () => {
      this.fleet.declareLost();
      this.feed({ type: "recovered" });
    });
  }

  /** What the facts say of a call. Its counts are behind by what was not stored of them. */
  #opened(call: StoredCall): CoreEvent {
    const { callId, kind, inputCount, storedCount, parent } = call;
    const counts = this.random.chance(0.5) ? this.store.counts(call) : NO_COUNTS;
    return { type: "callOpened", callId, kind, inputCount, storedCount, counts, parent };
  }

  #startContainers(count: number, deploymentId: string): void {
    const limit = Math.min(this.#settings.maxContainers, this.#environmentCap);
    if (capacity(this.core) > limit) throw new Error(`${capacity(this.core)} containers, ${limit} are allowed`);
    for (let started = 0; started < count; started++) {
      const containerId = `container-${++this.#made}`;
      this.#gpus.take(containerId);
      this.fleet.start(containerId, deploymentId);
    }
  }

  /** What user code does first: it may call its own function, once. */
  #began(attempt: SimAttempt): string | null {
    this.begun.push(attempt.ref);
    const { nesting } = this.#options;
    const [callId, index] = attempt.ref;
    if (!nesting || this.store.calls.get(callId)?.parent || !this.random.chance(nesting.calls)) return null;
    const kind = runsAtMostOnce(this.#settings) ? "remoteGen" : this.random.chance(0.5) ? "remote" : "spawn";
    const childId = this.call(kind, [1], { close: true, stored: false, parent: { callId, index } });
    return this.random.chance(nesting.waits) ? childId : null;
  }

  /** Done unless the orchestrator is killed before. */
  #later(delayMs: number, action: () => void): void {
    const life = this.#life;
    this.clock.at(delayMs, () => {
      if (life === this.#life) action();
    });
  }

  #tickEverySecond(): void {
    this.clock.at(1_000, () => {
      this.feed({ type: "tick" });
      this.#tickEverySecond();
    });
  }
}
