/**
 * Functions by name and by id, as they are deployed now. Every call looks here first, so records are remembered until
 * a deploy or a stop changes the catalog (`invalidate`); nothing else in this process writes to it.
 */

import { apps } from "@bellows/db/schema/apps";
import { deployments } from "@bellows/db/schema/deployments";
import { environments } from "@bellows/db/schema/environments";
import { functions } from "@bellows/db/schema/functions";
import { NotFoundError } from "@bellows/protocol/errors";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { and, eq, isNull, ne, type SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { closestNames } from "./closest-names.ts";

export interface FunctionRecord {
  functionId: string;
  name: string;
  appId: string;
  appName: string;
  environment: string;
  environmentId: string;
  deploymentId: string;
  bundleHash: string;
  settings: FunctionSettings;
  /** False when its app is stopped or a deploy has removed it: finished calls can be read, nothing may run. */
  active: boolean;
}

export interface FunctionDirectory {
  /** An active function. @throws NotFoundError saying what there is instead. */
  resolve(environment: string, app: string, name: string): Promise<FunctionRecord>;
  /** Any function, active or not. */
  byId(functionId: string): Promise<FunctionRecord | undefined>;
  invalidate(): void;
}

export function createFunctionDirectory(db: NodePgDatabase): FunctionDirectory {
  const byName = new Map<string, FunctionRecord>();
  const byId = new Map<string, FunctionRecord>();
  /** Raised by `invalidate`, so that a record read before it is not given out after it. */
  let generation = 0;

  /** What was read while the catalog changed is read again: whoever asks after a change is told of it. */
  async function load(condition: SQL | undefined): Promise<FunctionRecord | undefined> {
    for (;;) {
      const before = generation;
      const record = await findFunction(db, condition);
      if (before !== generation) continue;
      if (!record) return undefined;
      byId.set(record.functionId, record);
      if (record.active) byName.set(key(record.environment, record.appName, record.name), record);
      return record;
    }
  }

  return {
    async resolve(environment, app, name) {
      const known = byName.get(key(environment, app, name));
      if (known) return known;
      const found = await load(and(eq(environments.name, environment), eq(apps.name, app), eq(functions.name, name)));
      if (found?.active) return found;
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

function key(environment: string, app: string, name: string): string {
  return JSON.stringify([environment, app, name]);
}

async function findFunction(db: NodePgDatabase, condition: SQL | undefined): Promise<FunctionRecord | undefined> {
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
      settings: functions.settings,
      archivedAtMs: functions.archivedAtMs,
    })
    .from(functions)
    .innerJoin(apps, eq(functions.appId, apps.id))
    .innerJoin(environments, eq(apps.environmentId, environments.id))
    .innerJoin(deployments, eq(functions.deploymentId, deployments.id))
    .where(condition);
  if (!row) return undefined;
  const { appState, archivedAtMs, ...record } = row;
  return { ...record, active: appState !== "stopped" && archivedAtMs === null };
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
    .where(and(eq(functions.appId, owner.id), isNull(functions.archivedAtMs)));
  const names = its.map((row) => row.name);
  return new NotFoundError(`app "${app}" has no function "${name}"; it has ${closestNames(name, names)}`);
}
