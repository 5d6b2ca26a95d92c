/** A container in a simulated world: an agent with a link that may be cut, and as many slots as it was made with. */
import type { AttemptRef, InputItem } from "@bellows/protocol/frame-parts";
import type { OutputStatus } from "@bellows/protocol/states";

export interface SimAttempt {
  ref: AttemptRef;
  key: string;
  runMs: number;
  status: OutputStatus;
  payload: Uint8Array;
  startedAtMs: number | null;
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
  /** In the order of arrival; the first `slots` of them run. */
  readonly held: SimAttempt[] = [];
  /** Kept until they are stored. */
  unacknowledged: SimOutput[] = [];
  state: "starting" | "ready" | "draining" | "gone" = "starting";
  linked = false;
  /** Grows with every cut: what was under way on an older link does not arrive. */
  link = 0;

  constructor(id: string, deploymentId: string, slots: number) {
    this.id = id;
    this.deploymentId = deploymentId;
    this.slots = slots;
  }

  take(items: readonly InputItem[], plan: (item: InputItem) => SimAttempt): void {
    for (const item of items) this.held.push(plan(item));
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
}
