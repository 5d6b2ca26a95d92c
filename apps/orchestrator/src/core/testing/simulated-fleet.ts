/** The driver of a simulated world, and what goes wrong there. Containers start late or not at all, die, and lose links. */
import type { CoreEvent } from "../events.ts";
import { Agents } from "./simulated-agents.ts";
import { type Around, SimContainer } from "./simulated-container.ts";
import { Links, ready, refs } from "./simulated-links.ts";

export class Fleet {
  readonly containers = new Map<string, SimContainer>();
  readonly agents: Agents;
  readonly #links: Links;
  readonly #around: Around;
  faults = true;

  constructor(around: Around) {
    this.#around = around;
    this.#links = new Links(around);
    this.agents = new Agents(around, this.#links, this);
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
    if (lost.length > 0) this.#links.tell(container, () => ({ type: "attemptsLost", attempts: refs(lost), error }));
    if (returned.length > 0)
      this.#links.tell(container, () => ({ type: "attemptsReturned", attempts: refs(returned) }));
    const { clock, random } = this.#around;
    clock.at(random.between(5, 500), () => this.#links.tell(container, () => ready(container)));
  }

  cutLink(container: SimContainer, forMs: number): void {
    if (!container.linked) return;
    container.cut();
    this.#around.feed({ type: "containerUnlinked", containerId: container.id });
    this.#around.clock.at(forMs, () => this.#links.relink(container));
  }

  /** The orchestrator is gone; the agents find it again some time after it is back. */
  orchestratorGone(comesBackInMs: number, longestMs: number): void {
    const { clock, random } = this.#around;
    for (const container of this.containers.values()) {
      clock.at(comesBackInMs + random.between(1, longestMs), () => this.#links.relink(container));
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
    const { maxInputs: slots, batched } = this.#around.settings();
    const container = new SimContainer({ id, deploymentId, slots, batched: batched !== null, slowness });
    this.containers.set(id, container);
    feed({ type: "containerStarting", containerId: id, deploymentId });
    const fails = this.faults && random.chance(options.startFailing);
    clock.at(random.between(options.startMs.min, options.startMs.max), () => {
      if (container.state !== "starting") return;
      if (fails) {
        container.state = "gone";
        this.#around.ended(id);
        return feed({ type: "containerStartFailed", containerId: id, error: { code: "STARTUP", message: "it threw" } });
      }
      container.state = "ready";
      this.#links.relink(container);
    });
  }

  drain(containerId: string): void {
    const container = this.get(containerId);
    if (container.held.length > 0)
      throw new Error(`${containerId} was drained while it holds ${container.held.length}`);
    container.state = "draining";
    this.#around.clock.at(this.#around.random.between(1, 300), () => this.#gone(container, null));
  }

  kill(containerId: string): void {
    const container = this.get(containerId);
    this.#around.clock.at(1, () => this.#gone(container, null));
  }

  #gone(container: SimContainer, error: Extract<CoreEvent, { type: "containerGone" }>["error"]): void {
    if (container.state === "gone") return;
    container.state = "gone";
    container.held.length = 0;
    container.unacknowledged.clear();
    container.cut();
    this.#around.ended(container.id);
    // The driver says so when the orchestrator is up; otherwise the container is not in its list.
    if (this.#around.knows(container.id)) {
      this.#around.feed({ type: "containerGone", containerId: container.id, error });
    }
  }

  get(containerId: string): SimContainer {
    const container = this.containers.get(containerId);
    if (!container) throw new Error(`${containerId} was never started`);
    return container;
  }
}
