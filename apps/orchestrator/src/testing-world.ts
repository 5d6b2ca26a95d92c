/**
 * An orchestrator's engines and links on a real Postgres, for tests: everything is real but the containers, which are
 * agents in this process on real sockets, and the clock, which can be moved on.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openDatabase } from "@bellows/db/client";
import { apps } from "@bellows/db/schema/apps";
import { environments } from "@bellows/db/schema/environments";
import { functions } from "@bellows/db/schema/functions";
import { cloneTestDatabase } from "@bellows/db/testing";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { newId } from "@bellows/protocol/ids";
import { type EnvironmentLimits, LIMITS } from "@bellows/protocol/limits";
import type { FunctionKind } from "@bellows/protocol/states";
import { eq } from "drizzle-orm";
import { pino } from "pino";
import { afterAll } from "vitest";
import { createFunctionDirectory } from "./catalog/function-directory.ts";
import type { Principal } from "./catalog/principal.ts";
import { RateBuckets } from "./engine/admission.ts";
import { EngineRegistry } from "./engine/engine-registry.ts";
import { StandbyPool } from "./engine/standby-pool.ts";
import type { FactReader, OwnerEpoch } from "./journal/facts.ts";
import { Ownership } from "./journal/ownership.ts";
import { openFactReader } from "./journal/reader.ts";
import { insertTestFunction, type TestFunction } from "./journal/test-function.ts";
import { JournalWriter } from "./journal/writer.ts";
import { acceptLinks } from "./link/accept-links.ts";
import { LogHub } from "./link/log-hub.ts";
import { TestClient } from "./testing-client.ts";
import { MemoryDriver } from "./testing-containers.ts";

export interface TestOrchestrator {
  engines: EngineRegistry;
  journal: JournalWriter;
  ownership: Ownership;
  directory: ReturnType<typeof createFunctionDirectory>;
  /** Bytes that are said to wait for Postgres, besides those that do. */
  pressure: { bytes: number };
  holds: { held: string[]; released: number };
  logs: LogHub;
  /** A link of the local owner, of a token that has rates, or of a container. */
  client(as?: { token: string } | { container: string }): Promise<TestClient>;
  /** Ends without a word, as a killed process does, but for what is on its way into Postgres. */
  kill(): Promise<void>;
  stop(options: { endContainers: boolean }): Promise<void>;
}

/** The local owner, or somebody with a token that has rates. */
export function userOf(tokenId: string | null): Principal {
  const user = { kind: "user", userId: newId(), name: "test", role: "owner" } as const;
  return { ...user, tokenId: tokenId ?? "owner", rateLimited: tokenId !== null };
}

/** Call it once, at the top level of a test file. */
export async function testWorld() {
  const url = await cloneTestDatabase();
  const database = openDatabase(url);
  const clock = { aheadMs: 0 };
  const now = (): number => Date.now() + clock.aheadMs;
  const driver = new MemoryDriver();
  const running = new Set<TestOrchestrator>();
  const errors: string[] = [];
  /** Told of new engines; what happens before a function is acquired; reads that are answered differently; what secrets hold; builds of images. */
  const hooks: {
    made?: ((engines: EngineRegistry) => void) | undefined;
    acquiring?: (() => Promise<void>) | undefined;
    reader?: Partial<FactReader> | undefined;
    secrets?: ((names: readonly string[]) => Promise<Record<string, string>>) | undefined;
    building?: (() => Promise<void>) | undefined;
  } = {};
  const log = pino({ level: "error" }, { write: (line: string) => void errors.push(line) });

  async function start(functionIds: readonly string[] = []): Promise<TestOrchestrator> {
    const { pool, db } = database;
    const orchestratorId = newId();
    const journal = new JournalWriter({
      url,
      pool,
      now,
      onStale: takenOver,
      onRejected: (_owner, fact, error) => log.error({ fact: fact.type, err: error }, "rejected"),
      onTrouble: () => {},
    });
    const ownership = new Ownership({ url, pool, orchestratorId, now, onLost: takenOver });
    const directory = createFunctionDirectory(db, { capabilities: driver.capabilities, now });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    driver.port = port;
    const logs = new LogHub();
    const reader = { ...openFactReader(pool, now), ...hooks.reader };
    const linkUrl = `ws://127.0.0.1:${port}/link/agent`;
    const containerToken = (containerId: string): string => containerId;
    const images = { ready: async () => hooks.building?.(), forget: () => {} };
    const standby = new StandbyPool({ driver, images, linkUrl, containerToken, budget: 0, now, log });
    const engines: EngineRegistry = new EngineRegistry({
      journal,
      reader,
      driver,
      directory,
      async acquire(functionId) {
        await hooks.acquiring?.();
        return ownership.acquire(functionId);
      },
      linkUrl,
      containerToken,
      images,
      standby,
      onBroken: () => links.cutClients(),
      rates: new RateBuckets(),
      publishLogs: (appId, lines) => logs.publish(appId, lines),
      retentionMs: LIMITS.retentionMs,
      now,
      log,
    });
    hooks.made?.(engines);
    const pressure = { bytes: 0 };
    const holds = { held: [] as string[], released: 0 };
    const links = acceptLinks({
      standby,
      secrets: { variables: async (_environmentId, names) => (await hooks.secrets?.(names)) ?? {} },
      engines,
      reader,
      committed: () => new Promise((resolve) => journal.barrier(resolve)),
      logs,
      holds: { hold: (appId) => void holds.held.push(appId), release: () => void holds.released++ },
      orchestratorId,
      pendingBytes: () => journal.pendingBytes + pressure.bytes,
      now,
      log,
    });
    function takenOver({ functionId }: OwnerEpoch): void {
      engines.lost(functionId);
      links.cutClients();
    }

    server.on("upgrade", (request, socket, head) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://orchestrator");
      const containerId = searchParams.get("container");
      const principal: Principal =
        containerId === null ? userOf(searchParams.get("token")) : { kind: "container", containerId };
      if (pathname === "/link/agent") links.agent(request, socket, head, principal);
      else links.client(request, socket, head, principal);
    });
    await ownership.start();
    journal.start();

    async function close(): Promise<void> {
      running.delete(orchestrator);
      links.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await journal.stop();
      await ownership.stop();
    }

    const orchestrator: TestOrchestrator = {
      engines,
      journal,
      ownership,
      directory,
      pressure,
      holds,
      logs,
      client: (as?: Record<string, string>) =>
        TestClient.connect(`ws://127.0.0.1:${port}/link/client?${new URLSearchParams(as)}`),
      async kill() {
        await engines.stop({ endContainers: false });
        await close();
      },
      async stop(options) {
        await engines.stop(options);
        await close();
      },
    };
    running.add(orchestrator);
    await engines.start(functionIds, await driver.list());
    return orchestrator;
  }

  /** A function deployed in an environment of its own, with limits of its own. */
  async function deploy(
    options: Parameters<typeof parseFunctionOptions>[0] = {},
    more: { kind?: FunctionKind; methods?: string[]; limits?: Partial<EnvironmentLimits> } = {},
  ): Promise<TestFunction> {
    const fn = await insertTestFunction(database);
    const { kind = "function", methods = [], limits = {} } = more;
    const settings = { ...parseFunctionOptions(options), kind, methods };
    await database.db.update(functions).set({ settings }).where(eq(functions.id, fn.functionId));
    await database.db.update(environments).set({ limits }).where(eq(environments.id, fn.environmentId));
    return fn;
  }

  async function stopApp({ appId }: TestFunction): Promise<void> {
    await database.db.update(apps).set({ state: "stopped", stoppedAtMs: now() }).where(eq(apps.id, appId));
  }

  afterAll(async () => {
    for (const orchestrator of [...running]) await orchestrator.kill();
    driver.endAll();
    await database.close();
  });

  return { url, database, clock, now, driver, hooks, errors, start, deploy, stopApp };
}
