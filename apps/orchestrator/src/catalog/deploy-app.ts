/**
 * A deploy: one transaction that numbers the deployment, gives each function its new code and settings, takes away what
 * `updateAutoscaler` had laid over the old ones, and archives those that are gone. Two deploys of an app at once take
 * turns on its row; a crash leaves the one before in force.
 */
import { randomInt } from "node:crypto";
import { apps } from "@bellows/db/schema/apps";
import { autoscalerOverrides } from "@bellows/db/schema/autoscaler-overrides";
import { bundles } from "@bellows/db/schema/bundles";
import { deployments } from "@bellows/db/schema/deployments";
import { functions } from "@bellows/db/schema/functions";
import { ConflictError, InvalidError, NotFoundError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import type { DeploymentView } from "@bellows/protocol/views";
import { and, eq, inArray, isNull, ne, notInArray, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { alias } from "drizzle-orm/pg-core";
import type { DriverCapabilities } from "../containers/driver.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { archivedPoolKey } from "./archived-pool-key.ts";
import type { DeployRequest } from "./deploy-request.ts";
import { environmentNamed } from "./environment-named.ts";
import { lockForNaming } from "./naming-lock.ts";
import { refuseParameters, settingsOfPool } from "./open-pool.ts";
import { refuseMethods, refuseOutOfBounds, refuseUnservable } from "./servable.ts";

export interface Deployed {
  view: DeploymentView;
  /** Functions and pools that the app had before and has no more. */
  removedFunctionIds: string[];
  /** Pools of its functions, which have the new code and settings too. */
  poolIds: string[];
}

type Transaction = Parameters<Parameters<NodePgDatabase["transaction"]>[0]>[0];

const APP_NAME = /^[A-Za-z_][\w.-]{0,63}$/;

export interface DeployDeps {
  capabilities: DriverCapabilities;
  secrets: Pick<Secrets, "assertThere">;
  nowMs: number;
}

/** @throws InvalidError, NotFoundError (environment, secret, bundle), ConflictError (the name is an ephemeral app's). */
export async function deployApp(
  db: NodePgDatabase,
  request: DeployRequest,
  { capabilities, secrets, nowMs }: DeployDeps,
): Promise<Deployed> {
  validate(request, capabilities);
  return db.transaction(async (tx) => {
    await lockForNaming(tx);
    const environmentId = await environmentNamed(tx, request.environment);
    await secrets.assertThere(tx, environmentId, [
      ...new Set(request.functions.flatMap(({ settings }) => settings.secrets)),
    ]);
    await requireBundle(tx, request.bundleHash);
    const app = await upsertApp(tx, environmentId, request, nowMs);
    const deploymentId = newId(nowMs);
    await tx.insert(deployments).values({
      id: deploymentId,
      appId: app.id,
      version: app.version,
      bundleHash: request.bundleHash,
      createdAtMs: nowMs,
    });
    const deployed = await upsertFunctions(tx, { appId: app.id, deploymentId, nowMs }, request.functions);
    const poolIds = await redeployPools(tx, app.id, deploymentId, capabilities);
    await clearOverrides(tx, app.id);
    const kept = [...deployed.map(({ id }) => id), ...poolIds];
    const removed = await archiveOthers(tx, app.id, kept, nowMs);
    const view = { appId: app.id, appName: app.name, deploymentId, version: app.version, functions: deployed };
    return { view, removedFunctionIds: removed.map(({ id }) => id), poolIds };
  });
}

function validate(request: DeployRequest, capabilities: DriverCapabilities): void {
  if (!APP_NAME.test(request.name)) {
    throw new InvalidError(
      `app name ${JSON.stringify(request.name)} must start with a letter and hold at most 64 letters, digits, _ . or -`,
    );
  }
  if (request.functions.length === 0 && !request.ephemeral) {
    throw new InvalidError(`app "${request.name}" has no functions; define one with app.function(...)`);
  }
  const names = new Set<string>();
  for (const { name, settings } of request.functions) {
    if (names.has(name)) throw new InvalidError(`two functions are named "${name}"; give one of them another \`name\``);
    names.add(name);
    refuseMethods(name, settings);
    refuseOutOfBounds(name, settings);
    refuseUnservable(name, settings, capabilities);
  }
  for (const { name: ofClass, settings } of request.functions) {
    const taken = settings.methods.map((method) => `${ofClass}.${method}`).find((name) => names.has(name));
    if (taken === undefined) continue;
    throw new InvalidError(
      `"${taken}" is a function and also a method of class "${ofClass}"; give the function another \`name\``,
    );
  }
}

async function requireBundle(tx: Transaction, hash: string): Promise<void> {
  const [row] = await tx.select({ hash: bundles.hash }).from(bundles).where(eq(bundles.hash, hash));
  if (!row) throw new NotFoundError(`bundle ${hash} has not been uploaded; PUT its bytes to /bundles/${hash} first`);
}

async function upsertApp(tx: Transaction, environmentId: string, request: DeployRequest, nowMs: number) {
  const state = request.ephemeral ? "ephemeral" : "deployed";
  const { ephemeral } = request;
  const name = ephemeral ? `${request.name}-run-${randomSuffix()}` : request.name;
  // The update takes the row's lock, so that a second deploy reads the version that the first one wrote.
  const [app] = await tx
    .insert(apps)
    .values({
      id: newId(nowMs),
      environmentId,
      name,
      state,
      ephemeral,
      version: 1,
      createdAtMs: nowMs,
      deployedAtMs: nowMs,
    })
    .onConflictDoUpdate({
      target: [apps.environmentId, apps.name],
      set: {
        version: sql`${apps.version} + 1`,
        state,
        ephemeral,
        deployedAtMs: nowMs,
        stoppedAtMs: null,
        detachedAtMs: null,
      },
      setWhere: ne(apps.state, "ephemeral"),
    })
    .returning();
  if (!app) {
    throw new ConflictError(`"${name}" is the name of a running ephemeral app; deploy under another name`);
  }
  return app;
}

async function upsertFunctions(
  tx: Transaction,
  { appId, deploymentId, nowMs }: { appId: string; deploymentId: string; nowMs: number },
  given: DeployRequest["functions"],
): Promise<{ id: string; name: string }[]> {
  if (given.length === 0) return [];
  return tx
    .insert(functions)
    .values(
      given.map(({ name, settings }) => ({
        id: newId(nowMs),
        appId,
        name,
        deploymentId,
        settings,
        createdAtMs: nowMs,
      })),
    )
    .onConflictDoUpdate({
      target: [functions.appId, functions.name, functions.poolKey],
      set: { deploymentId, settings: sql`excluded.settings`, archivedAtMs: null },
    })
    .returning({ id: functions.id, name: functions.name });
}

/**
 * The live pools get the new code, and their settings anew over those of their function. One that no longer fits is not
 * among the ids returned and so ends; its next call says why.
 */
async function redeployPools(
  tx: Transaction,
  appId: string,
  deploymentId: string,
  capabilities: DriverCapabilities,
): Promise<string[]> {
  const base = alias(functions, "base");
  const pools = await tx
    .select({
      id: functions.id,
      name: base.name,
      base: base.settings,
      pool: functions.pool,
      parameters: functions.parameters,
    })
    .from(functions)
    .innerJoin(base, eq(functions.baseId, base.id))
    .where(and(eq(functions.appId, appId), isNull(functions.archivedAtMs), eq(base.deploymentId, deploymentId)));
  const fitting = pools.flatMap(({ id, name, base: baseSettings, pool, parameters }) => {
    try {
      refuseParameters(name, baseSettings, parameters);
      return [{ id, settings: settingsOfPool(name, baseSettings, pool?.settings ?? {}, capabilities) }];
    } catch (error) {
      if (error instanceof InvalidError) return [];
      throw error;
    }
  });
  for (const { id, settings } of fitting) {
    await tx.update(functions).set({ deploymentId, settings }).where(eq(functions.id, id));
  }
  return fitting.map(({ id }) => id);
}

/** Of the pools too: each has its own, and all of them were about the deployment before. */
async function clearOverrides(tx: Transaction, appId: string): Promise<void> {
  const its = tx.select({ id: functions.id }).from(functions).where(eq(functions.appId, appId));
  await tx.delete(autoscalerOverrides).where(inArray(autoscalerOverrides.functionId, its));
}

/** Archived functions come back with a deploy. An archived pool never does: its key is free for a new one. */
function archiveOthers(
  tx: Transaction,
  appId: string,
  keptIds: readonly string[],
  nowMs: number,
): Promise<{ id: string }[]> {
  return tx
    .update(functions)
    .set({ archivedAtMs: nowMs, poolKey: archivedPoolKey })
    .where(and(eq(functions.appId, appId), isNull(functions.archivedAtMs), notInArray(functions.id, [...keptIds])))
    .returning({ id: functions.id });
}

/** Six letters and digits. */
function randomSuffix(): string {
  return randomInt(36 ** 6)
    .toString(36)
    .padStart(6, "0");
}
