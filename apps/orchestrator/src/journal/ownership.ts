/**
 * Which functions this orchestrator owns. It holds an advisory lock under its own id in a session of its own for as
 * long as it lives; Postgres frees the lock when the process or its machine is gone. Whoever finds the lock of a
 * function's owner free takes the function over with the next epoch, and from then on no write of the old owner passes.
 */
import { setTimeout as delay } from "node:timers/promises";
import { connect, sqlStateOf } from "@bellows/db/connect";
import { ConflictError, NotFoundError } from "@bellows/protocol/errors";
import type pg from "pg";
import type { OwnerEpoch } from "./facts.ts";

export interface OwnershipOptions {
  url: string;
  pool: pg.Pool;
  /** Made anew at every start of an orchestrator. */
  orchestratorId: string;
  now: () => number;
  /** Another orchestrator took this over while our lock was lost. */
  onLost: (owner: OwnerEpoch) => void;
}

/** In a namespace of its own: the second argument seeds the hash. */
const LOCK_KEY = "hashtextextended($1, 7237121003)";
/** An owner that was just killed needs a moment to be noticed. */
const TAKEOVER_WAIT_MS = 1_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const LOCK_NOT_AVAILABLE = "55P03";
const FOREIGN_KEY_VIOLATION = "23503";

export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #owned = new Map<string, OwnerEpoch>();
  #stopped = false;
  /** Resolves while the lock is held. */
  #locked: Promise<pg.Client> | undefined;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  /** Resolves when the lock is held. It is taken again by itself whenever its connection breaks. */
  async start(): Promise<void> {
    this.#locked ??= this.#lock();
    await this.#locked;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const session = await this.#locked?.catch(() => undefined);
    await session?.end();
  }

  /**
   * Makes this orchestrator the owner of a function; owning it already changes nothing.
   * @throws ConflictError when another orchestrator that is alive owns it; NotFoundError for an unknown function.
   */
  async acquire(functionId: string): Promise<OwnerEpoch> {
    await this.start();
    const client = await this.#options.pool.connect();
    let broken = true;
    try {
      const epoch = await this.#acquire(client, functionId);
      const owner = { functionId, epoch };
      this.#owned.set(functionId, owner);
      broken = false;
      return owner;
    } finally {
      client.release(broken);
    }
  }

  async #acquire(client: pg.ClientBase, functionId: string): Promise<number> {
    const { orchestratorId, now } = this.#options;
    await client
      .query(
        `insert into function_owners (function_id, orchestrator_id, epoch, acquired_at_ms) values ($1, $2, 1, $3)
       on conflict do nothing`,
        [functionId, orchestratorId, now()],
      )
      .catch((error: unknown) => {
        if (sqlStateOf(error) !== FOREIGN_KEY_VIOLATION) throw error;
        throw new NotFoundError(`there is no function ${functionId}`, { cause: error });
      });
    for (;;) {
      const { rows } = await client.query<{ orchestratorId: string; epoch: string }>(
        `select orchestrator_id as "orchestratorId", epoch from function_owners where function_id = $1`,
        [functionId],
      );
      const [row] = rows;
      if (!row) throw new NotFoundError(`function ${functionId} was removed`);
      if (row.orchestratorId === orchestratorId) return Number(row.epoch);
      const epoch = await this.#takeOver(client, functionId, row.orchestratorId);
      if (epoch !== undefined) return epoch;
    }
  }

  /** The new epoch, or undefined when somebody else was faster. @throws ConflictError when the previous owner lives. */
  async #takeOver(client: pg.ClientBase, functionId: string, previousId: string): Promise<number | undefined> {
    const { orchestratorId, now } = this.#options;
    await client.query("begin");
    await client.query(`set local lock_timeout = ${TAKEOVER_WAIT_MS}`);
    // Before any lock on the row, on which the journal of a live owner would have to wait with us.
    await client.query(`select pg_advisory_xact_lock(${LOCK_KEY})`, [previousId]).catch((error: unknown) => {
      if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      throw new ConflictError(
        `function ${functionId} is owned by the orchestrator ${previousId}, which is alive; stop that one first`,
        { cause: error },
      );
    });
    await client.query("set local lock_timeout = 0");
    const { rows } = await client.query<{ epoch: string }>(
      `update function_owners set orchestrator_id = $2, epoch = epoch + 1, acquired_at_ms = $3
       where function_id = $1 and orchestrator_id = $4 returning epoch`,
      [functionId, orchestratorId, now(), previousId],
    );
    await client.query("commit");
    const [row] = rows;
    return row && Number(row.epoch);
  }

  async #lock(): Promise<pg.Client> {
    const session = await connect(this.#options.url, "bellows ownership");
    await session.query(`select pg_advisory_lock(${LOCK_KEY})`, [this.#options.orchestratorId]);
    session.once("end", () => {
      if (!this.#stopped) this.#locked = this.#lockAgain();
    });
    return session;
  }

  async #lockAgain(): Promise<pg.Client> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const session = await this.#lock();
        await this.#reportLost(session);
        return session;
      } catch (error) {
        if (this.#stopped) throw error;
        await delay(pauseMs);
      }
    }
  }

  async #reportLost(session: pg.Client): Promise<void> {
    const { rows } = await session.query<{ functionId: string }>(
      `select function_id as "functionId" from function_owners where function_id = any($1) and orchestrator_id <> $2`,
      [[...this.#owned.keys()], this.#options.orchestratorId],
    );
    for (const { functionId } of rows) {
      const owner = this.#owned.get(functionId);
      this.#owned.delete(functionId);
      if (owner) this.#options.onLost(owner);
    }
  }
}
