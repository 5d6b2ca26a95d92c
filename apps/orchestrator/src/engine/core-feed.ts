/**
 * What happens to one function, told to its core burst by burst, and what the core answers, performed. Kept true: one
 * burst is worked on at a time, also when performing it makes things happen, and after a step that failed none is.
 */
import type { Logger } from "pino";
import type { CoreEvent, Effect } from "../core/events.ts";
import { stepMany } from "../core/function-core.ts";
import type { GpuRoom } from "../core/gpu-state.ts";
import type { FunctionCore } from "../core/state.ts";

interface FeedDeps {
  perform(effect: Effect): void;
  /** The containers that the function may have now; the core is told when it changes. */
  environmentCap(): number;
  /** What the host's GPUs leave it; the same object as long as it says the same. */
  gpuRoom(): GpuRoom | null;
  /** Nothing is told any more. */
  isStopped(): boolean;
  /** A step failed: memory is half changed. */
  broken(): void;
  now(): number;
  log: Logger;
}

export class CoreFeed {
  readonly #core: FunctionCore;
  readonly #deps: FeedDeps;
  /** Bursts of events: the first is being worked on. */
  readonly #fed: CoreEvent[][] = [];

  constructor(core: FunctionCore, deps: FeedDeps) {
    this.#core = core;
    this.#deps = deps;
  }

  /** Tells the core what happened and does what it asks for. What happens while doing so waits its turn. */
  feed(events: CoreEvent[]): void {
    if (this.#deps.isStopped()) return;
    this.#fed.push(events);
    if (this.#fed.length > 1) return;
    for (let next = this.#fed[0]; next && !this.#deps.isStopped(); next = this.#fed[0]) {
      this.#work(next);
      this.#fed.shift();
    }
  }

  /**
   * A defect in performing one effect must not take the others with it. One in a step leaves memory half changed:
   * nothing more is decided from it, and what was said to it is not acknowledged, so that it is said again.
   */
  #work(events: CoreEvent[]): void {
    let effects: Effect[];
    try {
      const environmentCap = this.#deps.environmentCap();
      const gpus = this.#deps.gpuRoom();
      if (gpus !== this.#core.gpus) events.unshift({ type: "gpusChanged", gpus });
      if (environmentCap !== this.#core.environmentCap) events.unshift({ type: "capChanged", environmentCap });
      effects = stepMany(this.#core, events, this.#deps.now());
    } catch (err) {
      this.#failed(err, events);
      return this.#deps.broken();
    }
    for (const effect of effects) {
      try {
        this.#deps.perform(effect);
      } catch (err) {
        this.#failed(err, [effect]);
      }
    }
  }

  #failed(err: unknown, at: readonly { type: string }[]): void {
    this.#deps.log.error({ err, at: at.map(({ type }) => type).join() }, "the engine failed");
  }
}
