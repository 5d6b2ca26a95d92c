/**
 * Functions by name and by id, as they are deployed now. Every call looks here first, so records are remembered until
 * a deploy, a stop, a limit or a change of the autoscaler's settings changes the catalog (`invalidate`); nothing else in
 * this process writes to it but the pools that are made here.
 */
import { apps } from "@bellows/db/schema/apps";
import { bundles } from "@bellows/db/schema/bundles";
import { deployments } from "@bellows/db/schema/deployments";
import { environments } from "@bellows/db/schema/environments";
import { functions } from "@bellows/db/schema/functions";
import type { Pool } from "@bellows/protocol/client-frames";
import { NotFoundError } from "@bellows/protocol/errors";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { DEFAULT_LIMITS, type EnvironmentLimits } from "@bellows/protocol/limits";
import type { EffectiveSettings } from "@bellows/protocol/views";
import { and, eq, isNull, ne, type SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { DriverCapabilities } from "../containers/driver.ts";
import { effectiveSettings, withEffective } from "../core/settings-layers.ts";
import { closestNames } from "./closest-names.ts";
import { openPool, refuseOthersThings } from "./open-pool.ts";
import { BASE_POOL_KEY, poolKeyOf } from "./pool-key.ts";
import { overrideLayer, overridesOfFunction } from "./stored-overrides.ts";

export interface FunctionRecord {
  functionId: string;
  name: string;
  appId: string;
  appName: string;
  environment: string;
  environmentId: string;
  deploymentId: string;
  bundleHash: string;
  /** npm packages that its code needs beside it: name to exact version. */
  packages: Record<string, string>;
  /** Those in force: as it was deployed, and what was laid over that. */
  settings: FunctionSettings;
  /** Where those of the autoscaler come from. */
  autoscaler: EffectiveSettings;
  /** The pool that this is, and of which function; null for a function as it was deployed. */
  pool: { baseId: string; label: string } | null;
  /** Of a pool of a class: the encoded arguments of its constructor. */
  parameters: Uint8Array | null;
  /** Of its environment, in full. */
  limits: EnvironmentLimits;
  /** False when its app is stopped or a deploy has removed it: finished calls can be read, nothing may run. */
  active: boolean;
}

export interface FunctionDirectory {
  /**
   * An active function, or the pool of it that is asked for, which is made with its first use. Code in a container makes
   * none that has secrets or volumes which the function has not.
   * @throws NotFoundError saying what there is instead; of a pool also InvalidError, LimitExceededError, PayloadTooLargeError,
   * PermissionDeniedError.
   */
  resolve(
    environment: string,
    app: string,
    name: string,
    pool?: Pool | null,
    by?: { isContainer: boolean },
  ): Promise<FunctionRecord>;
  /** Any function, active or not. */
  byId(functionId: string): Promise<FunctionRecord | undefined>;
  invalidate(): void;
}

export function createFunctionDirectory(
  db: NodePgDatabase,
  { capabilities, now }: { capabilities: DriverCapabilities; now: () => number },
): FunctionDirectory {
  const byName = new Map<string, FunctionRecord>();
  const byId = new Map<string, FunctionRecord>();
  /** Raised by `invalidate`, so that a record read before it is not given out after it. */
  let generation = 0;

  /** What was read while the catalog changed is read again: whoever asks after a change is told of it. */
  async function load(condition: SQL | undefined): Promise<FunctionRecord | undefined> {
    for (;;) {
      const before = generation;
      const found = await findFunction(db, condition);
      if (before !== generation) continue;
      if (!found) return undefined;
      const { poolKey, record } = found;
      byId.set(record.functionId, record);
      if (record.active) byName.set(key(record.environment, record.appName, record.name, poolKey), record);
      return record;
    }
  }

  async function active(environment: string, app: string, name: string, poolKey: string) {
    const known = byName.get(key(environment, app, name, poolKey));
    if (known) return known;
    const named = and(eq(environments.name, environment), eq(apps.name, app), eq(functions.name, name));
    const found = await load(and(named, eq(functions.poolKey, poolKey)));
    return found?.active ? found : undefined;
  }

  return {
    async resolve(environment, app, name, pool = null, { isContainer } = { isContainer: false }) {
      const poolKey = poolKeyOf(pool);
      const known = await active(environment, app, name, poolKey);
      if (known) return known;
      const base = pool && poolKey !== BASE_POOL_KEY && (await active(environment, app, name, BASE_POOL_KEY));
      if (base) {
        const { functionId: baseId, appId } = base;
        if (isContainer) refuseOthersThings(base, pool);
        const opened = await openPool(db, { baseId, appId, pool }, { capabilities, nowMs: now() });
        const made = opened && (await active(environment, app, name, poolKey));
        if (made) return made;
      }
      throw await notFound(db, environment, app, name);
    },
    async byId(functionId) {
      return byId.get(functionId) ?? (await load(eq(functions.id, functionId)));
    },
    invalidate() {
      generation += 1;
      byName.clear();
      byId.clear();
    },
  };
}

function key(environment: string, app: string, name: string, poolKey: string): string {
  return JSON.stringify([environment, app, name, poolKey]);
}

async function findFunction(
  db: NodePgDatabase,
  condition: SQL | undefined,
): Promise<{ poolKey: string; record: FunctionRecord } | undefined> {
  const [row] = await db
    .select({
      functionId: functions.id,
      name: functions.name,
      appId: apps.id,
      appName: apps.name,
      appState: apps.state,
      environment: environments.name,
      environmentId: environments.id,
      deploymentId: functions.deploymentId,
      bundleHash: deployments.bundleHash,
      packages: bundles.packages,
      version: deployments.version,
      deployedAtMs: deployments.createdAtMs,
      settings: functions.settings,
      overrides: overridesOfFunction,
      baseId: functions.baseId,
      poolKey: functions.poolKey,
      pool: functions.pool,
      parameters: functions.parameters,
      limits: environments.limits,
      archivedAtMs: functions.archivedAtMs,
    })
    .from(functions)
    .innerJoin(apps, eq(functions.appId, apps.id))
    .innerJoin(environments, eq(apps.environmentId, environments.id))
    .innerJoin(deployments, eq(functions.deploymentId, deployments.id))
    .leftJoin(bundles, eq(deployments.bundleHash, bundles.hash))
    .where(condition);
  if (!row) return undefined;
  const { appState, archivedAtMs, bundleHash, packages, baseId, poolKey, pool, limits, ...rest } = row;
  const { settings, overrides, version, deployedAtMs, ...record } = rest;
  const autoscaler = effectiveSettings({ settings, version, atMs: deployedAtMs }, [overrideLayer(overrides)]);
  return {
    poolKey,
    record: {
      ...record,
      settings: withEffective(settings, autoscaler),
      autoscaler,
      // Dropped long after the app was stopped: nothing of it runs any more.
      bundleHash: bundleHash ?? "",
      packages: packages ?? {},
      pool: baseId === null ? null : { baseId, label: pool?.label ?? "" },
      limits: { ...DEFAULT_LIMITS, ...limits },
      active: appState !== "stopped" && archivedAtMs === null,
    },
  };
}

/** Says at which step the name leads nowhere, and what there is at that step. */
async function notFound(db: NodePgDatabase, environment: string, app: string, name: string): Promise<NotFoundError> {
  const known = await db.select({ id: environments.id, name: environments.name }).from(environments);
  const found = known.find((row) => row.name === environment);
  if (!found) {
    const names = known.map((row) => row.name);
    return new NotFoundError(`there is no environment "${environment}"; there is ${closestNames(environment, names)}`);
  }
  const running = await db
    .select({ id: apps.id, name: apps.name })
    .from(apps)
    .where(and(eq(apps.environmentId, found.id), ne(apps.state, "stopped")));
  const owner = running.find((row) => row.name === app);
  if (!owner) {
    const names = running.map((row) => row.name);
    return new NotFoundError(
      `there is no app "${app}" running in environment "${environment}"; running: ${closestNames(app, names)}. Deploy it with \`bellows deploy FILE\``,
    );
  }
  const its = await db
    .select({ name: functions.name })
    .from(functions)
    .where(and(eq(functions.appId, owner.id), isNull(functions.baseId), isNull(functions.archivedAtMs)));
  const names = its.map((row) => row.name);
  return new NotFoundError(`app "${app}" has no function "${name}"; it has ${closestNames(name, names)}`);
}
