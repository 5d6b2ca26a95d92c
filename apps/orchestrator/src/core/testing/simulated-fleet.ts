/**
 * The driver and the agents of a simulated world. Containers start late or not at all, run what they are given, keep
 * their outputs until these are stored, and lose what is said on a link that is cut.
 */
import {
  type AttemptRef,
  addOfCall,
  type InputItem,
  type OfCall,
  type OutputItem,
} from "@bellows/protocol/frame-parts";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { CoreEvent } from "../events.ts";
import type { Random } from "./seeded-random.ts";
import type { Clock } from "./simulated-clock.ts";
import { type SimAttempt, SimContainer, type SimOutput } from "./simulated-container.ts";

export interface FleetOptions {
  runMs: { min: number; max: number };
  /** Chance of an attempt. */
  failing: number;
  /** Inputs with this index end their container instead of themselves. */
  deadlyIndex?: number | null;
  startMs: { min: number; max: number };
  /** Chance of a start. */
  startFailing: number;
  /** Chance of a container to be twenty times slower. */
  slow?: number;
}

/** The rest of the world, as the containers see it. */
interface Around {
  readonly clock: Clock;
  readonly random: Random;
  readonly options: FleetOptions;
  settings(): FunctionSettings;
  feed(...events: CoreEvent[]): void;
  /** Whether the orchestrator is up and knows of the container. */
  knows(containerId: string): boolean;
  /** Done when the orchestrator has stored what it was told just now. */
  whenStored(action: () => void): void;
  /** An attempt has begun; the call that it makes and waits for, if any. */
  began(attempt: SimAttempt): string | null;
  isFinished(callId: string): boolean;
}

const LATENCY_MS = 1;
const MAX_PREFETCHED = 1_024;
const LONGEST_WAIT_MS = 5_000;
const RESULT = encodeValue("ok");
const FAILURE = encodeValue({ code: "REMOTE", name: "Error", message: "no" });
const CANCELLED = encodeValue({ code: "CANCELLED", message: "stopped" });

export class Fleet {
  readonly containers = new Map<string, SimContainer>();
  readonly #around: Around;
  faults = true;

  constructor(around: Around) {
    this.#around = around;
  }

  get live(): SimContainer[] {
    return [...this.containers.values()].filter(({ state }) => state !== "gone");
  }

  // What goes wrong.

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
    const { clock, random } = this.#around;
    clock.at(random.between(5, 500), () => this.#tell(container, () => ready(container)));
  }

  cutLink(container: SimContainer, forMs: number): void {
    if (!container.linked) return;
    container.cut();
    this.#around.feed({ type: "containerUnlinked", containerId: container.id });
    this.#around.clock.at(forMs, () => this.#relink(container));
  }

  /** The orchestrator is gone; the agents find it again some time after it is back. */
  orchestratorGone(comesBackInMs: number, longestMs: number): void {
    const { clock, random } = this.#around;
    for (const container of this.containers.values()) {
      clock.at(comesBackInMs + random.between(1, longestMs), () => this.#relink(container));
      container.cut();
    }
  }

  /** What containers hold that have not come back may be given to others from now on. */
  declareLost(): void {
    for (const { linked, held } of this.live) if (!linked) for (const attempt of held) attempt.declaredLost = true;
  }

  // What the driver is asked for.

  start(id: string, deploymentId: string): void {
    const { clock, random, options, feed } = this.#around;
    const slowness = random.chance(options.slow ?? 0) ? 20 : 1;
    const container = new SimContainer({ id, deploymentId, slots: this.#around.settings().maxInputs, slowness });
    this.containers.set(id, container);
    feed({ type: "containerStarting", containerId: id, deploymentId });
    const fails = this.faults && random.chance(options.startFailing);
    clock.at(random.between(options.startMs.min, options.startMs.max), () => {
      if (container.state !== "starting") return;
      if (fails) {
        container.state = "gone";
        return feed({ type: "containerStartFailed", containerId: id, error: { code: "STARTUP", message: "it threw" } });
      }
      container.state = "ready";
      this.#relink(container);
    });
  }

  drain(containerId: string): void {
    const container = this.#get(containerId);
    if (container.held.length > 0)
      throw new Error(`${containerId} was drained while it holds ${container.held.length}`);
    container.state = "draining";
    this.#around.clock.at(this.#around.random.between(1, 300), () => this.#gone(container, null));
  }

  kill(containerId: string): void {
    const container = this.#get(containerId);
    this.#around.clock.at(1, () => this.#gone(container, null));
  }

  // What the agents are told.

  run(containerId: string, inputs: readonly OfCall<InputItem>[]): void {
    this.#deliver(containerId, (container) => {
      container.take(inputs, (ref) => this.#plan(container, ref));
      if (container.held.length > container.slots + MAX_PREFETCHED) {
        throw new Error(`${container.id} holds ${container.held.length}`);
      }
      this.#begin(container);
    });
  }

  recall(containerId: string, attempts: readonly AttemptRef[]): void {
    this.#deliver(containerId, (container) => {
      const returned = attempts.flatMap((ref) => {
        const attempt = container.find(ref);
        return attempt && attempt.startedAtMs === null && container.drop(attempt) ? [attempt] : [];
      });
      if (returned.length > 0) this.#tell(container, () => ({ type: "attemptsReturned", attempts: refs(returned) }));
    });
  }

  cancel(containerId: string, attempts: readonly AttemptRef[]): void {
    const { clock, random } = this.#around;
    this.#deliver(containerId, (container) => {
      for (const ref of attempts) {
        const attempt = container.find(ref);
        if (!attempt) continue;
        attempt.status = OUTPUT_STATUS.cancelled;
        attempt.payload = CANCELLED;
        attempt.waitsFor = null;
        clock.at(random.between(0, 20), () => this.#end(container, attempt));
      }
    });
  }

  // What they do.

  #plan(container: SimContainer, [callId, index, attempt]: AttemptRef): SimAttempt {
    const key = `${callId}:${index}`;
    for (const peer of this.live) {
      const twice = peer.held.find((held) => held.key === key && !held.declaredLost);
      if (twice) throw new Error(`${key} was given to ${container.id} while ${peer.id} has attempt ${twice.ref[2]}`);
    }
    const { random, options } = this.#around;
    const fails = random.chance(options.failing);
    return {
      ref: [callId, index, attempt],
      key,
      runMs: container.slowness * random.between(options.runMs.min, options.runMs.max),
      status: fails ? OUTPUT_STATUS.failed : OUTPUT_STATUS.succeeded,
      payload: fails ? FAILURE : RESULT,
      startedAtMs: null,
      declaredLost: container.keeps(callId, index, attempt),
      waitsFor: null,
    };
  }

  #begin(container: SimContainer): void {
    const { clock, random, began } = this.#around;
    const begun = container.begin(clock.nowMs);
    if (container.running.length > container.slots) throw new Error(`${container.id} runs more than its slots`);
    for (const attempt of begun) {
      attempt.waitsFor = began(attempt);
      clock.at(attempt.runMs, () => this.#endWhenAnswered(container, attempt));
    }
    if (begun.length > 0 && random.chance(0.5)) {
      this.#tell(container, () => ({ type: "attemptsStarted", attempts: refs(begun) }));
    }
  }

  #endWhenAnswered(container: SimContainer, attempt: SimAttempt): void {
    const { clock, isFinished } = this.#around;
    const patient = clock.nowMs - (attempt.startedAtMs ?? 0) < LONGEST_WAIT_MS;
    if (attempt.waitsFor === null || isFinished(attempt.waitsFor) || !patient) return this.#end(container, attempt);
    clock.at(50, () => this.#endWhenAnswered(container, attempt));
  }

  #end(container: SimContainer, attempt: SimAttempt): void {
    const { clock, options } = this.#around;
    const [, index] = attempt.ref;
    const kills = index === options.deadlyIndex && attempt.status !== OUTPUT_STATUS.cancelled;
    if (kills && container.held.includes(attempt)) return this.crash(container);
    if (container.state === "gone" || !container.drop(attempt)) return;
    const { ref, status, payload } = attempt;
    const startedAtMs = attempt.startedAtMs ?? clock.nowMs;
    const output: SimOutput = { ref, status, payload, startedAtMs, finishedAtMs: clock.nowMs };
    container.unacknowledged.add(output);
    this.#offer(container, [output]);
    this.#begin(container);
  }

  /** An output is kept until what the core made of it is stored. */
  #offer(container: SimContainer, outputs: readonly SimOutput[]): void {
    const told = (): void => {
      this.#around.whenStored(() => {
        for (const output of outputs) container.unacknowledged.delete(output);
      });
    };
    this.#tell(container, () => ({ type: "attemptsEnded", outputs: byCall(outputs) }), told);
  }

  #gone(container: SimContainer, error: Extract<CoreEvent, { type: "containerGone" }>["error"]): void {
    if (container.state === "gone") return;
    container.state = "gone";
    container.held.length = 0;
    container.unacknowledged.clear();
    container.cut();
    // The driver says so when the orchestrator is up; otherwise the container is not in its list.
    if (this.#around.knows(container.id)) {
      this.#around.feed({ type: "containerGone", containerId: container.id, error });
    }
  }

  #relink(container: SimContainer): void {
    if (container.linked || container.state === "gone" || container.state === "starting") return;
    const { clock, feed, knows } = this.#around;
    // The orchestrator is down, or has not listed its containers yet: the agent tries again.
    if (!knows(container.id)) return clock.at(100, () => this.#relink(container));
    container.linked = true;
    const { link } = container;
    feed({ ...ready(container), containerId: container.id });
    if (container.link === link && container.unacknowledged.size > 0) {
      this.#offer(container, [...container.unacknowledged]);
    }
  }

  #get(containerId: string): SimContainer {
    const container = this.containers.get(containerId);
    if (!container) throw new Error(`${containerId} was never started`);
    return container;
  }

  /** Sends something to an agent; a link that is cut meanwhile loses it. */
  #deliver(containerId: string, receive: (container: SimContainer) => void): void {
    const container = this.#get(containerId);
    if (!container.linked) throw new Error(`something was sent to ${containerId}, which is not linked`);
    const { link } = container;
    this.#around.clock.at(LATENCY_MS, () => {
      if (container.link === link && container.state !== "gone") receive(container);
    });
  }

  /** An agent tells the orchestrator; a link that is cut meanwhile loses it. */
  #tell(container: SimContainer, make: () => AgentSays, told?: () => void): void {
    const { link } = container;
    if (!container.linked) return;
    const said = make();
    this.#around.clock.at(LATENCY_MS, () => {
      if (container.link !== link || !container.linked) return;
      this.#around.feed({ ...said, containerId: container.id });
      told?.();
    });
  }
}

/** An event about a container, without its id. */
type AgentSays = {
  [E in CoreEvent as E["type"]]: E extends { containerId: string } ? Omit<E, "containerId"> : never;
}[CoreEvent["type"]];

function ready(container: SimContainer): Omit<Extract<CoreEvent, { type: "containerReady" }>, "containerId"> {
  return { type: "containerReady", slots: container.slots, startMs: 1, held: refs(container.held) };
}

function refs(attempts: readonly { ref: AttemptRef }[]): AttemptRef[] {
  return attempts.map(({ ref }) => ref);
}

function byCall(outputs: readonly SimOutput[]): OfCall<OutputItem>[] {
  const groups: OfCall<OutputItem>[] = [];
  for (const { ref, status, payload, startedAtMs, finishedAtMs } of outputs) {
    const [callId, ...item] = ref;
    addOfCall(groups, callId, [...item, status, payload, startedAtMs, finishedAtMs]);
  }
  return groups;
}
