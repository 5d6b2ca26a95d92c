/**
 * The links between agents and orchestrator in a simulated world. What is said takes a while to arrive; a link that is
 * cut meanwhile loses it, and an agent offers its outputs again on every new link until they are stored.
 */
import { type AttemptRef, addOfCall, type OfCall, type OutputItem } from "@bellows/protocol/frame-parts";
import type { CoreEvent } from "../events.ts";
import type { Around, SimContainer, SimOutput } from "./simulated-container.ts";

const LATENCY_MS = 1;

export class Links {
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  /** Sends something to an agent; a link that is cut meanwhile loses it. */
  deliver(container: SimContainer, receive: () => void): void {
    if (!container.linked) throw new Error(`something was sent to ${container.id}, which is not linked`);
    const { link } = container;
    this.#around.clock.at(LATENCY_MS, () => {
      if (container.link === link && container.state !== "gone") receive();
    });
  }

  /** An agent tells the orchestrator; a link that is cut meanwhile loses it. */
  tell(container: SimContainer, make: () => AgentSays, told?: () => void): void {
    const { link } = container;
    if (!container.linked) return;
    const said = make();
    this.#around.clock.at(LATENCY_MS, () => {
      if (container.link !== link || !container.linked) return;
      this.#around.feed({ ...said, containerId: container.id });
      told?.();
    });
  }

  /** An output is kept until what the core made of it is stored. */
  offer(container: SimContainer, outputs: readonly SimOutput[]): void {
    const told = (): void => {
      this.#around.whenStored(() => {
        for (const output of outputs) container.unacknowledged.delete(output);
      });
    };
    this.tell(container, () => ({ type: "attemptsEnded", outputs: byCall(outputs) }), told);
  }

  relink(container: SimContainer): void {
    if (container.linked || container.state === "gone" || container.state === "starting") return;
    const { clock, feed, knows } = this.#around;
    // The orchestrator is down, or has not listed its containers yet: the agent tries again.
    if (!knows(container.id)) return clock.at(100, () => this.relink(container));
    container.linked = true;
    const { link } = container;
    feed({ ...greeting(container), containerId: container.id });
    if (container.link === link && container.unacknowledged.size > 0) {
      this.offer(container, [...container.unacknowledged]);
    }
  }
}

/** An event about a container, without its id. */
type AgentSays = {
  [E in CoreEvent as E["type"]]: E extends { containerId: string } ? Omit<E, "containerId"> : never;
}[CoreEvent["type"]];

type Ready = Omit<Extract<CoreEvent, { type: "containerReady" }>, "containerId">;

/** Its worker takes inputs. */
export function ready(container: SimContainer): Ready {
  return { type: "containerReady", slots: container.slots, startMs: 1, held: refs(container.held) };
}

/** The first word on a new link also names what has ended and is not stored, so that it is not handed over again. */
function greeting(container: SimContainer): Ready {
  return { ...ready(container), held: refs([...container.held, ...container.unacknowledged]) };
}

export function refs(attempts: readonly { ref: AttemptRef }[]): AttemptRef[] {
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
