/**
 * The containers of a simulation: each runs as many units as it has slots, in the order in which it got them, and the
 * rest waits in it, as in a real agent. A unit is an input, or a whole batch of a batched function.
 */
import type { AttemptRef, InputItem, OfCall, OutputItem } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { addAt, earliest, emptyDueTimes, takeDue } from "./due-times.ts";
import type { CoreEvent } from "./events.ts";
import type { SimulatedCounts } from "./simulated-counts.ts";
import type { Simulation } from "./simulation.ts";

/** What takes one slot. */
interface Unit {
  container: SimulatedContainer;
  callId: string;
  items: InputItem[];
  beganMs: number;
}

interface SimulatedContainer {
  readonly id: string;
  readonly askedMs: number;
  readonly readyMs: number;
  running: number;
  readonly waiting: Unit[];
}

const NOTHING = new Uint8Array(0);

export class SimulatedContainers {
  readonly #simulation: Simulation;
  readonly #counts: SimulatedCounts;
  readonly #live = new Map<string, SimulatedContainer>();
  /** Ends of units, and containers that become ready. */
  readonly #due = emptyDueTimes<Unit | SimulatedContainer>();
  #made = 0;

  constructor(simulation: Simulation, counts: SimulatedCounts) {
    this.#simulation = simulation;
    this.#counts = counts;
  }

  get count(): number {
    return this.#live.size;
  }

  get nextMs(): number {
    return earliest(this.#due) ?? Number.POSITIVE_INFINITY;
  }

  /** @returns its id. */
  start(nowMs: number): string {
    const readyMs = nowMs + this.#simulation.model.startMs();
    this.#made += 1;
    const container = { id: `container-${this.#made}`, askedMs: nowMs, readyMs, running: 0, waiting: [] };
    this.#live.set(container.id, container);
    addAt(this.#due, readyMs, container);
    return container.id;
  }

  /** @throws Error when it runs something: nothing here is a reason to end a busy container. */
  end(id: string, nowMs: number): void {
    const container = this.#live.get(id);
    if (!container) return;
    if (container.running > 0) throw new Error(`${id} was told to end while it ran ${container.running} units`);
    this.#live.delete(id);
    this.#counts.containerEnded(container.askedMs, nowMs);
  }

  /** Counts those that are still there. */
  endAll(nowMs: number): void {
    for (const { askedMs } of this.#live.values()) this.#counts.containerEnded(askedMs, nowMs);
    this.#live.clear();
  }

  run(id: string, inputs: OfCall<InputItem>[], nowMs: number): void {
    const container = this.#live.get(id);
    if (!container) return;
    for (const [callId, items] of inputs) {
      // Every frame of a batched function is one batch.
      if (this.#simulation.settings.batched) container.waiting.push({ container, callId, items, beganMs: 0 });
      else for (const item of items) container.waiting.push({ container, callId, items: [item], beganMs: 0 });
    }
    this.#begin(container, nowMs);
  }

  /** Those that have not begun go back. */
  recall(id: string, attempts: readonly AttemptRef[], events: CoreEvent[]): void {
    const container = this.#live.get(id);
    if (!container) return;
    const indexes = new Set(attempts.map(([, index]) => index));
    const isRecalled = ({ items }: Unit) => items.some(([index]) => indexes.has(index));
    const returned = container.waiting.filter(isRecalled);
    if (returned.length === 0) return;
    container.waiting.splice(0, container.waiting.length, ...container.waiting.filter((unit) => !isRecalled(unit)));
    const refs = returned.flatMap(({ callId, items }) =>
      items.map(([index, attempt]): AttemptRef => [callId, index, attempt]),
    );
    events.push({ type: "attemptsReturned", containerId: id, attempts: refs });
  }

  /** What has happened by now. */
  due(nowMs: number): CoreEvent[] {
    const events: CoreEvent[] = [];
    for (let next = takeDue(this.#due, nowMs); next; next = takeDue(this.#due, nowMs)) {
      if ("id" in next) {
        if (!this.#live.has(next.id)) continue;
        const { maxInputs } = this.#simulation.settings;
        const startMs = next.readyMs - next.askedMs;
        events.push({ type: "containerReady", containerId: next.id, slots: maxInputs, startMs, held: [] });
      } else {
        events.push(this.#ended(next, nowMs));
      }
    }
    return events;
  }

  #ended({ container, callId, items, beganMs }: Unit, nowMs: number): CoreEvent {
    container.running -= 1;
    this.#begin(container, nowMs);
    const outputs: OutputItem[] = [];
    for (const [index, attempt] of items) {
      outputs.push([index, attempt, OUTPUT_STATUS.succeeded, NOTHING, beganMs, nowMs]);
    }
    return { type: "attemptsEnded", containerId: container.id, outputs: [[callId, outputs]] };
  }

  #begin(container: SimulatedContainer, nowMs: number): void {
    while (container.waiting.length > 0 && container.running < this.#simulation.settings.maxInputs) {
      const unit = container.waiting.shift();
      if (!unit) return;
      container.running += 1;
      unit.beganMs = nowMs;
      for (const [index] of unit.items) this.#counts.began(index, container.readyMs, nowMs);
      addAt(this.#due, nowMs + this.#serviceMs(unit), unit);
    }
  }

  #serviceMs({ items }: Unit): number {
    const { arrivals, model } = this.#simulation;
    const [only] = items;
    if (only && items.length === 1 && !model.batchMs) return arrivals.serviceMs[only[0]] ?? 0;
    const services = items.map(([index]) => arrivals.serviceMs[index] ?? 0);
    return model.batchMs ? model.batchMs(services) : Math.max(...services);
  }
}
