/**
 * A duty on a timer: it takes no input, doing it twice changes nothing, and a round that failed or was killed is made up
 * for by the next. Rounds of one duty never overlap.
 */
import type { Logger } from "../telemetry/logger.ts";

export interface Duty {
  /** As the log calls it: "<name> done", "<name> failed". */
  name: string;
  everyMs: number;
  /** One round; what it gives back is logged. */
  run: () => Promise<object>;
  log: Pick<Logger, "info" | "error">;
}

export class DutyLoop {
  readonly #duty: Duty;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(duty: Duty) {
    this.#duty = duty;
  }

  /** The first round begins at once. */
  start(): void {
    this.#timer ??= setInterval(() => this.#runOnce(), this.#duty.everyMs);
    this.#runOnce();
  }

  /** Resolves when a round that is under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#round;
  }

  #runOnce(): void {
    this.#round ??= this.#run().finally(() => {
      this.#round = undefined;
    });
  }

  async #run(): Promise<void> {
    const { name, run, log } = this.#duty;
    try {
      log.info(await run(), `${name} done`);
    } catch (err) {
      log.error({ err }, `${name} failed; the next round tries again`);
    }
  }
}
