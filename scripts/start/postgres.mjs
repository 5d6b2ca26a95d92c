/**
 * The database of this start: the one of BELLOWS_DATABASE_URL, or the embedded Postgres in the state folder. The
 * embedded one is a child of the supervisor in a group of its own: it outlives the orchestrator, and when it dies it
 * is started again on the same port, so that whoever waits for it finds it where it was.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { recordOf } from "../setup/processes.mjs";
import { Refusal } from "../setup/refusal.mjs";
import { pauseMs } from "./keep-running.mjs";

/**
 * @typedef {object} DatabaseService
 * @property {string} url
 * @property {() => Promise<void>} stop
 */

/**
 * @param {{ root: string, stateDir: string, databaseUrl: string | null }} where
 * @param {{ lock: import("./state-lock.mjs").StateLock, say: (line: string) => void }} context
 * @returns {Promise<DatabaseService>}
 * @throws {Refusal} with the sentence of the database package
 */
export async function openDatabase({ root, stateDir, databaseUrl }, { lock, say }) {
  if (databaseUrl !== null) return { url: databaseUrl, stop: async () => {} };
  // Built code is imported by path and late: this file is loaded before anything is installed or built.
  const built = pathToFileURL(join(root, "packages/db/dist/embedded.js")).href;
  /** @type {typeof import("../../packages/db/src/embedded.ts")} */
  const { startEmbeddedPostgres } = await import(built);
  const folder = join(stateDir, "postgres");
  let stopping = false;
  let postgres = await startEmbeddedPostgres({ folder }).catch(refuse);
  const record = () => recordOf("postgres", postgres.pid);
  let recorded = record();
  lock.add(recorded);
  const cancelPause = new AbortController();
  /** What a death set going: a stop waits for it, or a Postgres that is just being started would be left behind. */
  let restarted = Promise.resolve();
  watch();
  return {
    url: postgres.url,
    async stop() {
      stopping = true;
      cancelPause.abort();
      await restarted;
      await postgres.stop();
      lock.remove(recorded);
    },
  };

  function watch() {
    postgres.exited.then(() => {
      if (!stopping) restarted = startAgain();
    });
  }

  async function startAgain() {
    lock.remove(recorded);
    say("Postgres ended by itself; starting it again");
    for (let failures = 1; !stopping; failures++) {
      try {
        postgres = await startEmbeddedPostgres({ folder, port: postgres.port });
        recorded = record();
        lock.add(recorded);
        return watch();
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
        await delay(pauseMs(failures), undefined, { signal: cancelPause.signal }).catch(() => {});
      }
    }
  }
}

/** What the database package throws for people is one sentence already. @param {unknown} error @returns {never} */
function refuse(error) {
  if (error instanceof Error && "code" in error && "details" in error) throw new Refusal(error.message);
  throw error;
}
