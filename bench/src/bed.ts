/**
 * What a figure is measured on: a durable Postgres and on it a whole Bellows as `npm start` runs it, both new, with the
 * functions deployed. Peers get databases of their own on the same server.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@bellows/db/embedded";
import { type Stack, startStack } from "@bellows/e2e/stack";
import { Bellows, type FunctionOf } from "@bellows/sdk";
import { type ApiClient, createApiClient } from "@bellows/sdk/api-client";
import pg from "pg";
import type * as functions from "./functions.ts";

export const APP = "bench";

type Functions = Omit<typeof functions, "app">;
export type FunctionName = keyof Functions;

export interface Bed {
  stack: Stack;
  /** Of the Postgres server, to the database of Bellows. */
  databaseUrl: string;
  database: pg.Client;
  api: ApiClient;
  /** For the duration of the measurement. */
  folder: string;
  handle<Name extends FunctionName>(name: Name): FunctionOf<Functions[Name]>;
}

/** Measures on a new bed with these settings and takes it away again, whatever happens. Rejects when `stop` is aborted. */
export async function onBed<T>(
  stop: AbortSignal,
  measure: (bed: Bed) => Promise<T>,
  settings: Record<string, string> = {},
): Promise<T> {
  const cleanUps: (() => Promise<unknown>)[] = [];
  try {
    const bed = await makeBed(settings, (cleanUp) => cleanUps.unshift(cleanUp));
    stop.throwIfAborted();
    const stopped = new Promise<never>((_, reject) => {
      stop.addEventListener("abort", () => reject(stop.reason), { once: true });
    });
    return await Promise.race([measure(bed), stopped]);
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}

async function makeBed(
  settings: Record<string, string>,
  onEnd: (cleanUp: () => Promise<unknown>) => void,
): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), "bellows-bench-"));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startEmbeddedPostgres({ folder: join(folder, "postgres"), durable: true });
  onEnd(() => postgres.stop());
  const stack = await startStack({ env: { BELLOWS_DATABASE_URL: postgres.url, ...settings } });
  onEnd(() => stack.stop());
  const deployed = await stack.bellows(["deploy", "bench/src/functions.ts"]);
  if (deployed.code !== 0) throw new Error(`the functions could not be deployed: ${deployed.stderr}`);

  const database = new pg.Client({ connectionString: postgres.url });
  onEnd(() => database.end());
  await database.connect();
  const credentials = { url: stack.url, token: stack.token };
  const bellows = new Bellows(credentials);
  onEnd(() => bellows.close());
  return {
    stack,
    databaseUrl: postgres.url,
    database,
    api: createApiClient(credentials),
    folder,
    handle: (name) => bellows.functions.fromName<Functions[typeof name]>(APP, name),
  };
}
