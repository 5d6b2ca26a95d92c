/** A batch that the present code runs for: its inputs, and what they have in common. */
import type { CurrentInput } from "@bellows/protocol/runtime-context";
import { type InputOfCall, Running } from "./running-input.ts";

/** One input of a batch, with an argument for each list of the handler. */
export interface BatchMember extends InputOfCall {
  readonly args: unknown[];
  /** Its output is written, though the batch may go on. */
  ended: boolean;
}

export class RunningBatch extends Running {
  readonly common: CurrentInput["common"];
  /** In the order in which the handler gets them; those that have ended keep their places. */
  readonly members: readonly BatchMember[];
  readonly #first: BatchMember;

  constructor(first: BatchMember, others: readonly BatchMember[]) {
    super();
    this.members = [first, ...others];
    this.#first = first;
    if (others.length === 0) this.common = "input";
    else this.common = others.every(({ callId }) => callId === first.callId) ? "call" : "nothing";
  }

  get callId(): string {
    return this.#spokesman.callId;
  }

  get index(): number {
    return this.#spokesman.item[0];
  }

  /** Whose calls the batch makes: the first that has not ended, since nobody knows one that has. */
  get #spokesman(): BatchMember {
    return this.members.find(({ ended }) => !ended) ?? this.#first;
  }
}
