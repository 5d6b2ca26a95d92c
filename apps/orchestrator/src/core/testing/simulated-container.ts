/** A container in a simulated world: an agent with a link that may be cut, and as many slots as it was made with. */
import { type AttemptRef, type InputItem, type OfCall, refsOf } from "@bellows/protocol/frame-parts";
import type { OutputStatus } from "@bellows/protocol/states";

export interface SimAttempt {
  ref: AttemptRef;
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
  /** How many times longer than elsewhere inputs run here. */
  readonly slowness: number;
  /** In the order of arrival; the first `slots` of them run. */
  readonly held: SimAttempt[] = [];
  /** Kept until what became of them is stored. */
  readonly unacknowledged = new Set<SimOutput>();
  state: "starting" | "ready" | "draining" | "gone" = "starting";
  linked = false;
  /** Grows with every cut: what was under way on an older link does not arrive. */
  link = 0;

  constructor(of: { id: string; deploymentId: string; slots: number; slowness: number }) {
    this.id = of.id;
    this.deploymentId = of.deploymentId;
    this.slots = of.slots;
    this.slowness = of.slowness;
  }

  take(inputs: readonly OfCall<InputItem>[], plan: (ref: AttemptRef) => SimAttempt): void {
    for (const ref of refsOf(inputs)) this.held.push(plan(ref));
  }

  /** Begins what fits and returns it. */
  begin(nowMs: number): SimAttempt[] {
    const begun = this.held.slice(0, this.slots).filter(({ startedAtMs }) => startedAtMs === null);
    for (const attempt of begun) attempt.startedAtMs = nowMs;
    return begun;
  }

  get running(): SimAttempt[] {
    return this.held.filter(({ startedAtMs }) => startedAtMs !== null);
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
