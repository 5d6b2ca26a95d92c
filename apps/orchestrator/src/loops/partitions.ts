/**
 * Keeps the day partitions of the facts: those of the days to come are made long before they are needed, those past
 * retention are dropped, and with them the rows of containers that were gone by then. Idempotent: a round that fails
 * or is killed is made up for by the next.
 */
import { dropPartitions, ensurePartitions } from "@bellows/db/partitions";
import type pg from "pg";
import type { Logger } from "../telemetry/logger.ts";

export interface PartitionDuty {
  pool: pg.Pool;
  now: () => number;
  log: Pick<Logger, "info" | "error">;
}

const EVERY_MS = 3_600_000;
/** Outputs and calls are kept for 7 days, counted from the end of the day on which the call was made. */
const RETENTION_MS = 7 * 24 * 3_600_000;

export interface PartitionRound {
  created: string[];
  dropped: string[];
  /** Past retention, but with calls that are not finished. */
  kept: string[];
  /** Past retention, but in use just now. */
  busy: string[];
  containersDeleted: number;
}

export async function runPartitions(pool: pg.Pool, nowMs: number): Promise<PartitionRound> {
  const created = await ensurePartitions(pool, nowMs);
  const { dropped, kept, busy } = await dropPartitions(pool, nowMs - RETENTION_MS);
  const { rowCount } = await pool.query("delete from containers where stopped_at_ms < $1", [nowMs - RETENTION_MS]);
  return { created, dropped, kept, busy, containersDeleted: rowCount ?? 0 };
}

export class PartitionLoop {
  readonly #duty: PartitionDuty;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(duty: PartitionDuty) {
    this.#duty = duty;
  }

  /** The first round begins at once. */
  start(): void {
    this.#timer ??= setInterval(() => this.#runOnce(), EVERY_MS);
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
    const { pool, now, log } = this.#duty;
    try {
      const round = await runPartitions(pool, now());
      log.info(round, "partitions looked after");
    } catch (err) {
      log.error({ err }, "partitions could not be looked after; the next round tries again");
    }
  }
}
