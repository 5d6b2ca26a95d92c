/**
 * A world in virtual time around one core: clients, containers with links that are cut, a store that commits late, and
 * an orchestrator that is killed and comes back. It performs the core's effects as the engine does and checks after
 * every step what must always hold; a breach throws.
 */
import type { AttemptRef, InputItem } from "@bellows/protocol/frame-parts";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { type CallKind, OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { addAt, type DueTimes, earliest, emptyDueTimes, takeDue } from "../due-times.ts";
import type { CoreEvent, Effect, InputOutput } from "../events.ts";
import { createFunctionCore, stepMany } from "../function-core.ts";
import { capacity } from "../slots.ts";
import type { FunctionCore } from "../state.ts";
import { type Random, randomOf } from "./seeded-random.ts";
import { checkBooks } from "./simulated-audit.ts";
import { type SimAttempt, SimContainer, type SimOutput } from "./simulated-container.ts";
import { Store, VALUE } from "./simulated-store.ts";

export interface WorldOptions {
  seed: number;
  settings: FunctionSettings;
  runMs: { min: number; max: number };
  /** Chances of an attempt. */
  failing: number;
  /** Inputs with this index end their container instead of themselves. */
  deadlyIndex?: number | null;
  startMs: { min: number; max: number };
  /** Chance of a start. */
  startFailing: number;
}

const LATENCY_MS = 1;
const COMMIT_MS = 4;
const ADOPTION_MS = 2_000;
const MAX_PREFETCHED = 512;
const RESULT = encodeValue("ok");
const FAILURE = encodeValue({ code: "REMOTE", name: "Error", message: "no" });
const CANCELLED = encodeValue({ code: "CANCELLED", message: "stopped" });

export class World {
  nowMs = 1_000_000;
  core: FunctionCore;
  readonly store = new Store();
  readonly containers = new Map<string, SimContainer>();
  readonly random: Random;
  /** Outputs as clients got them, by `callId:index`. */
  readonly delivered = new Map<string, InputOutput>();
  /** Begun attempts in order, for tests of order. */
  readonly begun: AttemptRef[] = [];
  readonly decisions: number[] = [];
  readonly steps = { taken: 0 };
  faults = true;
  readonly #options: WorldOptions;
  readonly #times: DueTimes<() => void> = emptyDueTimes();
  #settings: FunctionSettings;
  #deploymentId = "deployment-1";
  /** Grows with every restart: what the old process was about to do is not done. */
  #life = 0;
  #fed: CoreEvent[][] = [];
  #made = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.random = randomOf(options.seed);
    this.core = this.#newCore(false);
    this.#tickEverySecond();
  }

  // What tests do to the world.

  at(delayMs: number, action: () => void): void {
    addAt(this.#times, this.nowMs + delayMs, action);
  }

  runFor(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let next = earliest(this.#times); next !== null && next <= endMs; next = earliest(this.#times)) {
      this.nowMs = Math.max(this.nowMs, next);
      takeDue(this.#times, this.nowMs)?.();
    }
    this.nowMs = endMs;
  }

  call(kind: CallKind, chunks: readonly number[], options: { close: boolean; stored: boolean }): string {
    const callId = `call-${++this.#made}`;
    this.store.open(callId, kind);
    this.feed({
      type: "callOpened",
      callId,
      kind,
      inputCount: null,
      storedCount: 0,
      counts: { succeeded: 0, failed: 0, cancelled: 0 },
      parent: null,
    });
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

  deploy(settings: FunctionSettings, sameCode: boolean): void {
    this.#settings = settings;
    if (!sameCode) this.#deploymentId = `deployment-${++this.#made}`;
    this.feed({ type: "deployed", deploymentId: this.#deploymentId, settings });
  }

  crash(container: SimContainer): void {
    this.#gone(container, { code: "CONTAINER_CRASHED", message: "killed by the test" });
  }

  /** The worker dies of something else than a timeout; the agent replaces it. */
  workerDies(container: SimContainer): void {
    if (container.state === "starting" || container.state === "gone") return;
    const lost = container.running;
    const returned = container.held.filter((attempt) => !lost.includes(attempt));
    container.held.length = 0;
    const error = { code: "CONTAINER_CRASHED" as const, message: "the worker died" };
    if (lost.length > 0) this.#tell(container, () => ({ type: "attemptsLost", attempts: refs(lost), error }));
    if (returned.length > 0) this.#tell(container, () => ({ type: "attemptsReturned", attempts: refs(returned) }));
    this.at(this.random.between(5, 500), () => this.#tell(container, () => this.#ready(container)));
  }

  cutLink(container: SimContainer, forMs: number): void {
    if (!container.linked) return;
    container.linked = false;
    container.link += 1;
    this.feed({ type: "containerUnlinked", containerId: container.id });
    this.at(forMs, () => this.#relink(container));
  }

  /** `kill -9` of the orchestrator: everything in its memory is gone, the containers run on. */
  restart(downMs: number): void {
    this.#life += 1;
    this.#fed = [];
    this.delivered.clear();
    this.core = this.#newCore(true);
    for (const container of this.containers.values()) {
      this.at(downMs + this.random.between(1, 1_000), () => this.#relink(container));
      container.linked = false;
      container.link += 1;
    }
    this.#later(downMs, () => this.#comeBack());
  }

  get live(): SimContainer[] {
    return [...this.containers.values()].filter(({ state }) => state !== "gone");
  }

  /** What must hold when everything has come to rest. */
  checkFinished(): void {
    for (const call of this.store.calls.values()) {
      const expected = call.cancelled && call.inputCount === null ? call.storedCount : call.inputCount;
      if (!call.finished)
        throw new Error(`${call.callId} never finished: ${call.outputs.size} of ${expected} inputs have`);
      if (call.outputs.size !== expected) {
        throw new Error(`${call.callId} finished with ${call.outputs.size} outputs of ${expected} inputs`);
      }
    }
  }

  // What the engine does.

  feed(...events: CoreEvent[]): void {
    this.#fed.push(events);
    if (this.#fed.length > 1) return;
    for (let next = this.#fed[0]; next; next = this.#fed[0]) {
      for (const effect of stepMany(this.core, next, this.nowMs)) this.#perform(effect);
      this.#fed.shift();
      this.steps.taken += 1;
      if (this.#isAuditTime()) checkBooks(this.core);
    }
  }

  /** Counting everything again takes as long as there is much to count: then it is done now and then. */
  #isAuditTime(): boolean {
    const { calls, delayed, queued, begun, prefetched } = this.core;
    const size = calls.size + delayed + queued.sync + queued.async + begun.sync + begun.async + prefetched;
    return this.steps.taken % (1 + Math.floor(size / 8)) === 0;
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "run":
        return this.#deliver(effect.containerId, (container) => this.#run(container, effect.inputs));
      case "recall":
        return this.#deliver(effect.containerId, (container) => this.#recall(container, effect.attempts));
      case "cancelAttempts":
        return this.#deliver(effect.containerId, (container) => this.#cancelAttempts(container, effect.attempts));
      case "startContainers":
        return this.#startContainers(effect.count, effect.deploymentId);
      case "drain":
        return this.#drain(effect.containerId);
      case "kill":
        return this.#kill(effect.containerId);
      case "output":
        return this.#output(effect.output);
      case "attemptFailed":
        return this.#later(COMMIT_MS, () => {
          const call = this.store.calls.get(effect.callId);
          call?.failures.set(effect.index, (call.failures.get(effect.index) ?? 0) + 1);
        });
      case "load":
        return this.#later(this.random.between(1, this.random.chance(0.1) ? 500 : 8), () => {
          const { callId, fromIndex, limit } = effect;
          this.feed({ type: "inputsLoaded", callId, ...this.store.read(callId, fromIndex, limit) });
        });
      case "callFinished":
        return this.#finished(effect);
      case "decided":
        this.decisions.push(effect.decision.desired);
        return;
      case "wake":
        return this.#later(effect.atMs - this.nowMs, () => this.feed({ type: "tick" }));
      default:
        effect satisfies never;
    }
  }

  #newCore(recovering: boolean): FunctionCore {
    return createFunctionCore({
      settings: this.#settings,
      deploymentId: this.#deploymentId,
      recovering,
      environmentCap: 100,
    });
  }

  #comeBack(): void {
    for (const { id, deploymentId } of this.live)
      this.feed({ type: "containerStarting", containerId: id, deploymentId, adopted: true });
    for (const { callId, kind, inputCount, storedCount, cancelled } of this.store.unfinished) {
      const counts = { succeeded: 0, failed: 0, cancelled: 0 };
      this.feed({ type: "callOpened", callId, kind, inputCount, storedCount, counts, parent: null });
      // A caller that cancelled does so again when it is back.
      if (cancelled) this.feed({ type: "callCancelled", callId, terminateContainers: false });
    }
    this.#later(ADOPTION_MS, () => this.feed({ type: "recovered" }));
  }

  #output(output: InputOutput): void {
    const key = `${output.callId}:${output.index}`;
    const call = this.store.calls.get(output.callId);
    if (!call) throw new Error(`output of ${key}, a call that nobody made`);
    if (output.index >= call.storedCount) throw new Error(`output of ${key}, an input that nobody gave`);
    if (this.delivered.has(key)) throw new Error(`second output of ${key}`);
    this.delivered.set(key, output);
    this.#later(COMMIT_MS, () => {
      if (!call.outputs.has(output.index)) call.outputs.set(output.index, output);
      for (const container of this.containers.values()) {
        container.unacknowledged = container.unacknowledged.filter(
          ({ ref: [callId, index] }) => callId !== output.callId || index !== output.index,
        );
      }
    });
  }

  #finished(effect: Extract<Effect, { type: "callFinished" }>): void {
    const { callId, inputCount, counts } = effect;
    const call = this.store.calls.get(callId);
    if (!call || call.finished) throw new Error(`${callId} finished twice`);
    const sum = counts.succeeded + counts.failed + counts.cancelled;
    if (sum !== inputCount) throw new Error(`${callId} finished with ${sum} of ${inputCount} inputs counted`);
    // Its outputs were asked to be stored before it.
    this.#later(COMMIT_MS, () => {
      call.finished = true;
    });
  }

  // What the driver and the agents do.

  #startContainers(count: number, deploymentId: string): void {
    const limit = Math.min(this.#settings.maxContainers, 100);
    if (capacity(this.core) > limit) throw new Error(`${capacity(this.core)} containers, ${limit} are allowed`);
    for (let started = 0; started < count; started++) {
      const container = new SimContainer(`container-${++this.#made}`, deploymentId, this.#settings.maxInputs);
      this.containers.set(container.id, container);
      this.feed({ type: "containerStarting", containerId: container.id, deploymentId });
      const { startMs, startFailing } = this.#options;
      const fails = this.faults && this.random.chance(startFailing);
      this.at(this.random.between(startMs.min, startMs.max), () => {
        if (container.state !== "starting") return;
        if (fails) {
          container.state = "gone";
          const error = { code: "STARTUP" as const, message: "enter threw" };
          return this.feed({ type: "containerStartFailed", containerId: container.id, error });
        }
        container.state = "ready";
        this.#relink(container);
      });
    }
  }

  #ready(container: SimContainer): Omit<Extract<CoreEvent, { type: "containerReady" }>, "containerId"> {
    return { type: "containerReady", slots: container.slots, startMs: 1, held: refs(container.held) };
  }

  #relink(container: SimContainer): void {
    if (container.linked || container.state === "gone" || container.state === "starting") return;
    if (!this.core.containers.has(container.id)) {
      // The orchestrator is down, or has not listed its containers yet: the agent tries again.
      this.at(100, () => this.#relink(container));
      return;
    }
    container.linked = true;
    const known = this.#life;
    this.feed({ ...this.#ready(container), containerId: container.id });
    const again = [...container.unacknowledged];
    if (again.length > 0 && known === this.#life) this.#tell(container, () => again.map(endOf));
  }

  #run(container: SimContainer, items: readonly InputItem[]): void {
    container.take(items, (item) => this.#plan(container, item));
    if (container.held.length > container.slots + MAX_PREFETCHED) {
      throw new Error(`${container.id} holds ${container.held.length}`);
    }
    this.#begin(container);
  }

  #plan(container: SimContainer, [callId, index, attempt]: InputItem): SimAttempt {
    const key = `${callId}:${index}`;
    const other = this.live.find((peer) => peer !== container && peer.held.some((held) => held.key === key));
    if (other) throw new Error(`${key} was given to ${container.id} while ${other.id} has it`);
    if (container.held.some((held) => held.key === key)) throw new Error(`${key} was given to ${container.id} twice`);
    const { runMs, failing } = this.#options;
    const fails = this.random.chance(failing);
    return {
      ref: [callId, index, attempt],
      key,
      runMs: this.random.between(runMs.min, runMs.max),
      status: fails ? OUTPUT_STATUS.failed : OUTPUT_STATUS.succeeded,
      payload: fails ? FAILURE : RESULT,
      startedAtMs: null,
    };
  }

  #begin(container: SimContainer): void {
    const begun = container.begin(this.nowMs);
    for (const attempt of begun) {
      this.begun.push(attempt.ref);
      this.at(attempt.runMs, () => this.#end(container, attempt));
    }
    if (begun.length > 0 && this.random.chance(0.5)) {
      this.#tell(container, () => ({ type: "attemptsStarted", attempts: refs(begun) }));
    }
  }

  #end(container: SimContainer, attempt: SimAttempt): void {
    const [, index] = attempt.ref;
    const kills = index === this.#options.deadlyIndex && attempt.status !== OUTPUT_STATUS.cancelled;
    if (kills && container.held.includes(attempt)) return this.crash(container);
    if (container.state === "gone" || !container.drop(attempt)) return;
    const { ref, status, payload } = attempt;
    const startedAtMs = attempt.startedAtMs ?? this.nowMs;
    const output: SimOutput = { ref, status, payload, startedAtMs, finishedAtMs: this.nowMs };
    // A failed attempt that is tried again is acknowledged when it has been judged.
    if (status !== OUTPUT_STATUS.failed) container.unacknowledged.push(output);
    this.#tell(container, () => endOf(output));
    this.#begin(container);
  }

  #recall(container: SimContainer, attempts: readonly AttemptRef[]): void {
    const returned = attempts.flatMap((ref) => {
      const attempt = container.find(ref);
      return attempt && attempt.startedAtMs === null && container.drop(attempt) ? [attempt] : [];
    });
    if (returned.length > 0) this.#tell(container, () => ({ type: "attemptsReturned", attempts: refs(returned) }));
  }

  #cancelAttempts(container: SimContainer, attempts: readonly AttemptRef[]): void {
    for (const ref of attempts) {
      const attempt = container.find(ref);
      if (!attempt) continue;
      attempt.status = OUTPUT_STATUS.cancelled;
      attempt.payload = CANCELLED;
      this.at(this.random.between(0, 20), () => this.#end(container, attempt));
    }
  }

  #drain(containerId: string): void {
    const container = this.containers.get(containerId);
    if (!container) throw new Error(`${containerId} was drained and never started`);
    if (container.held.length > 0)
      throw new Error(`${containerId} was drained while it holds ${container.held.length}`);
    container.state = "draining";
    this.at(this.random.between(1, 300), () => this.#gone(container, null));
  }

  #kill(containerId: string): void {
    const container = this.containers.get(containerId);
    if (!container) throw new Error(`${containerId} was killed and never started`);
    this.at(1, () => this.#gone(container, null));
  }

  #gone(container: SimContainer, error: Extract<CoreEvent, { type: "containerGone" }>["error"]): void {
    if (container.state === "gone") return;
    container.state = "gone";
    container.linked = false;
    container.held.length = 0;
    container.unacknowledged = [];
    container.link += 1;
    // The driver says so when the orchestrator is up; otherwise the container is not in its list.
    if (this.core.containers.has(container.id)) {
      this.feed({ type: "containerGone", containerId: container.id, error });
    }
  }

  /** Sends something to an agent; a link that is cut meanwhile loses it. */
  #deliver(containerId: string, receive: (container: SimContainer) => void): void {
    const container = this.containers.get(containerId);
    if (!container?.linked) throw new Error(`something was sent to ${containerId}, which is not linked`);
    const { link } = container;
    this.at(LATENCY_MS, () => {
      if (container.link === link && container.state !== "gone") receive(container);
    });
  }

  /** An agent tells the orchestrator; a link that is cut meanwhile loses it. */
  #tell(container: SimContainer, make: () => AgentSays | AgentSays[]): void {
    const { link } = container;
    if (!container.linked) return;
    const said = [make()].flat();
    this.at(LATENCY_MS, () => {
      if (container.link !== link || !container.linked) return;
      this.feed(...said.map((event): CoreEvent => ({ ...event, containerId: container.id })));
    });
  }

  /** Done unless the orchestrator is killed before. */
  #later(delayMs: number, action: () => void): void {
    const life = this.#life;
    this.at(delayMs, () => {
      if (life === this.#life) action();
    });
  }

  #tickEverySecond(): void {
    this.at(1_000, () => {
      this.feed({ type: "tick" });
      this.#tickEverySecond();
    });
  }
}

/** An event about a container, without its id. */
type AgentSays = {
  [E in CoreEvent as E["type"]]: E extends { containerId: string } ? Omit<E, "containerId"> : never;
}[CoreEvent["type"]];

function refs(attempts: readonly { ref: AttemptRef }[]): AttemptRef[] {
  return attempts.map(({ ref }) => ref);
}

function endOf({ ref, status, payload, startedAtMs, finishedAtMs }: SimOutput): AgentSays {
  return { type: "attemptEnded", attempt: ref, status, payload, startedAtMs, finishedAtMs };
}
