/** A container in a simulated world: an agent with a link that may be cut, and as many slots as it was made with. */
import { type AttemptRef, type InputItem, type OfCall, refsOf } from "@bellows/protocol/frame-parts";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import type { OutputStatus } from "@bellows/protocol/states";
import type { CoreEvent } from "../events.ts";
import type { Random } from "../seeded-random.ts";
import type { Clock } from "./simulated-clock.ts";

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
export interface Around {
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
  /** The container is gone, whatever the orchestrator knows. */
  ended(containerId: string): void;
}

export interface SimAttempt {
  ref: AttemptRef;
  /** The message that it came with, which is a batch; null where inputs come one by one. */
  batch: number | null;
  key: string;
  runMs: number;
  status: OutputStatus;
  payload: Uint8Array;
  startedAtMs: number | null;
  /**
   * The core may give its input to somebody else: its container did not come back in time after a restart, or came back
   * with the end of an attempt of an earlier life that had the same number, and is taken for this one's.
   */
  declaredLost: boolean;
  /** The call that it made and waits for. */
  waitsFor: string | null;
}

export interface SimOutput {
  ref: AttemptRef;
  status: OutputStatus;
  payload: Uint8Array;
  startedAtMs: number;
  finishedAtMs: number;
}

export class SimContainer {
  readonly id: string;
  readonly deploymentId: string;
  readonly slots: number;
  readonly batched: boolean;
  /** How many times longer than elsewhere inputs run here. */
  readonly slowness: number;
  /** In the order of arrival; the first `slots` of them run, or all of them in their batches. */
  readonly held: SimAttempt[] = [];
  /** Kept until what became of them is stored. */
  readonly unacknowledged = new Set<SimOutput>();
  state: "starting" | "ready" | "draining" | "gone" = "starting";
  linked = false;
  /** Grows with every cut: what was under way on an older link does not arrive. */
  link = 0;

  constructor(of: { id: string; deploymentId: string; slots: number; batched: boolean; slowness: number }) {
    this.id = of.id;
    this.deploymentId = of.deploymentId;
    this.slots = of.slots;
    this.batched = of.batched;
    this.slowness = of.slowness;
  }

  take(inputs: readonly OfCall<InputItem>[], plan: (ref: AttemptRef) => SimAttempt): void {
    for (const ref of refsOf(inputs)) this.held.push(plan(ref));
  }

  /** Begins what fits and returns it. */
  begin(nowMs: number): SimAttempt[] {
    const fitting = this.batched ? this.held : this.held.slice(0, this.slots);
    const begun = fitting.filter(({ startedAtMs }) => startedAtMs === null);
    for (const attempt of begun) attempt.startedAtMs = nowMs;
    return begun;
  }

  get running(): SimAttempt[] {
    return this.held.filter(({ startedAtMs }) => startedAtMs !== null);
  }

  get takenSlots(): number {
    return new Set(this.running.map((attempt) => attempt.batch ?? attempt)).size;
  }

  drop(attempt: SimAttempt): boolean {
    const at = this.held.indexOf(attempt);
    if (at >= 0) this.held.splice(at, 1);
    return at >= 0;
  }

  find(ref: AttemptRef): SimAttempt | undefined {
    return this.held.find(
      ({ ref: [callId, index, attempt] }) => callId === ref[0] && index === ref[1] && attempt === ref[2],
    );
  }

  /** Whether it offers an output of such an attempt. */
  keeps(callId: string, index: number, attempt: number): boolean {
    return [...this.unacknowledged].some(({ ref }) => ref[0] === callId && ref[1] === index && ref[2] === attempt);
  }

  cut(): void {
    this.linked = false;
    this.link += 1;
  }
}
