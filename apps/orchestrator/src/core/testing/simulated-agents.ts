/** What the agents of a simulated world do with what they are given: run it, end it one way or another, give it back. */
import type { AttemptRef, InputItem, OfCall } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { Around, SimAttempt, SimContainer, SimOutput } from "./simulated-container.ts";
import { type Links, refs } from "./simulated-links.ts";

const MAX_PREFETCHED = 1_024;
const LONGEST_WAIT_MS = 5_000;
const RESULT = encodeValue("ok");
const FAILURE = encodeValue({ code: "REMOTE", name: "Error", message: "no" });
const CANCELLED = encodeValue({ code: "CANCELLED", message: "stopped" });

/** The containers that agents are in, as the driver has them. */
interface Host {
  readonly live: readonly SimContainer[];
  crash(container: SimContainer): void;
}

export class Agents {
  readonly #around: Around;
  readonly #links: Links;
  readonly #host: Host;
  #batches = 0;

  constructor(around: Around, links: Links, host: Host) {
    this.#around = around;
    this.#links = links;
    this.#host = host;
  }

  run(container: SimContainer, inputs: readonly OfCall<InputItem>[]): void {
    this.#links.deliver(container, () => {
      const batch = container.batched ? this.#planBatch(container) : null;
      container.take(inputs, (ref) => ({ ...this.#plan(container, ref), ...batch }));
      if (!container.batched && container.held.length > container.slots + MAX_PREFETCHED) {
        throw new Error(`${container.id} holds ${container.held.length}`);
      }
      this.#begin(container);
    });
  }

  recall(container: SimContainer, attempts: readonly AttemptRef[]): void {
    this.#links.deliver(container, () => {
      const returned = attempts.flatMap((ref) => {
        const attempt = container.find(ref);
        return attempt && attempt.startedAtMs === null && container.drop(attempt) ? [attempt] : [];
      });
      if (returned.length > 0)
        this.#links.tell(container, () => ({ type: "attemptsReturned", attempts: refs(returned) }));
    });
  }

  cancel(container: SimContainer, attempts: readonly AttemptRef[]): void {
    const { clock, random } = this.#around;
    this.#links.deliver(container, () => {
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

  /** What the inputs of a batch have in common: they run as one, and one error fails them all. */
  #planBatch(container: SimContainer): Pick<SimAttempt, "batch" | "runMs" | "status" | "payload"> {
    this.#batches += 1;
    return { batch: this.#batches, ...this.#planRun(container) };
  }

  #planRun({ slowness }: SimContainer): Pick<SimAttempt, "runMs" | "status" | "payload"> {
    const { random, options } = this.#around;
    const fails = random.chance(options.failing);
    return {
      runMs: slowness * random.between(options.runMs.min, options.runMs.max),
      status: fails ? OUTPUT_STATUS.failed : OUTPUT_STATUS.succeeded,
      payload: fails ? FAILURE : RESULT,
    };
  }

  #plan(container: SimContainer, [callId, index, attempt]: AttemptRef): SimAttempt {
    const key = `${callId}:${index}`;
    for (const peer of this.#host.live) {
      const twice = peer.held.find((held) => held.key === key && !held.declaredLost);
      if (twice) throw new Error(`${key} was given to ${container.id} while ${peer.id} has attempt ${twice.ref[2]}`);
    }
    return {
      ref: [callId, index, attempt],
      batch: null,
      key,
      ...this.#planRun(container),
      startedAtMs: null,
      declaredLost: container.keeps(callId, index, attempt),
      waitsFor: null,
    };
  }

  #begin(container: SimContainer): void {
    const { clock, random, began } = this.#around;
    const begun = container.begin(clock.nowMs);
    if (container.takenSlots > container.slots) throw new Error(`${container.id} runs more than its slots`);
    for (const attempt of begun) {
      attempt.waitsFor = began(attempt);
      clock.at(attempt.runMs, () => this.#endWhenAnswered(container, attempt));
    }
    if (begun.length > 0 && random.chance(0.5)) {
      this.#links.tell(container, () => ({ type: "attemptsStarted", attempts: refs(begun) }));
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
    if (kills && container.held.includes(attempt)) return this.#host.crash(container);
    if (container.state === "gone" || !container.drop(attempt)) return;
    const { ref, status, payload } = attempt;
    const startedAtMs = attempt.startedAtMs ?? clock.nowMs;
    const output: SimOutput = { ref, status, payload, startedAtMs, finishedAtMs: clock.nowMs };
    container.unacknowledged.add(output);
    this.#links.offer(container, [output]);
    this.#begin(container);
  }
}
