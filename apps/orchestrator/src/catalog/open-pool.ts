/**
 * Pools come to be with their first call: a row of their own beside their function's, with its code. The app's row is
 * locked meanwhile, so a deploy, a stop and many first calls at once take turns, and each sees what the other has made.
 * Killed at any point, the pool is there in full or not at all.
 */
import { apps } from "@bellows/db/schema/apps";
import { functions } from "@bellows/db/schema/functions";
import type { Pool } from "@bellows/protocol/client-frames";
import {
  InvalidError,
  LimitExceededError,
  PayloadTooLargeError,
  PermissionDeniedError,
} from "@bellows/protocol/errors";
import { type FunctionSettings, poolSettings } from "@bellows/protocol/function-options";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { and, count, eq, isNull } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { DriverCapabilities } from "../containers/driver.ts";
import { lockForNaming } from "./naming-lock.ts";
import { changedSettings, poolKeyOf, poolLabelOf } from "./pool-key.ts";
import { refuseOutOfBounds, refuseUnservable } from "./servable.ts";

/** Not a pool's to change: they say what the code is and what it has written, and when it is called. */
const FIXED_SETTINGS = ["kind", "methods", "written", "schedule"] as const satisfies (keyof FunctionSettings)[];

/**
 * Makes the pool of a function that is active, unless it is there. False when the function is not active any more.
 * @throws InvalidError naming the setting; LimitExceededError; PayloadTooLargeError.
 */
export async function openPool(
  db: NodePgDatabase,
  { baseId, appId, pool }: { baseId: string; appId: string; pool: Pool },
  { capabilities, nowMs }: { capabilities: DriverCapabilities; nowMs: number },
): Promise<boolean> {
  const poolKey = poolKeyOf(pool);
  const changes = changedSettings(pool);
  return db.transaction(async (tx) => {
    await lockForNaming(tx);
    const [app] = await tx.select({ state: apps.state }).from(apps).where(eq(apps.id, appId)).for("update");
    const [base] = await tx.select().from(functions).where(eq(functions.id, baseId));
    if (!app || app.state === "stopped" || !base || base.archivedAtMs !== null) return false;
    refuseParameters(base.name, base.settings, pool.parameters);
    const settings = settingsOfPool(base.name, base.settings, changes, capabilities);
    const named = and(eq(functions.appId, appId), eq(functions.name, base.name), eq(functions.poolKey, poolKey));
    const [existing] = await tx.select({ id: functions.id }).from(functions).where(named);
    // Somebody else was faster.
    if (existing) return true;
    const ofBase = and(eq(functions.baseId, baseId), isNull(functions.archivedAtMs));
    const [present] = await tx.select({ count: count() }).from(functions).where(ofBase);
    refuseTooMany(base.name, present?.count ?? 0);
    await tx.insert(functions).values({
      id: newId(nowMs),
      appId,
      name: base.name,
      deploymentId: base.deploymentId,
      baseId,
      poolKey,
      pool: { settings: changes, label: poolLabelOf(pool) },
      parameters: pool.parameters,
      settings,
      createdAtMs: nowMs,
    });
    return true;
  });
}

/**
 * The settings of a pool over those of its function.
 * @throws InvalidError naming function, setting, and what to do.
 */
export function settingsOfPool(
  name: string,
  base: FunctionSettings,
  changes: Partial<FunctionSettings>,
  capabilities: DriverCapabilities,
): FunctionSettings {
  for (const fixed of FIXED_SETTINGS) {
    if (changes[fixed] === undefined) continue;
    throw new InvalidError(`function "${name}", option ${fixed}: it belongs to the code; it cannot differ in a pool`);
  }
  const settings = poolSettings(base, changes);
  refuseOutOfBounds(name, settings);
  refuseUnservable(name, settings, capabilities);
  return settings;
}

/**
 * What a container makes a pool of stays within what its function was given: otherwise code could help itself to every
 * secret and every volume of its environment.
 * @throws PermissionDeniedError
 */
export function refuseOthersThings(base: { name: string; settings: FunctionSettings }, { settings }: Pool): void {
  const { secrets = [], volumes = {} } = settings;
  const given = { secret: base.settings.secrets, volume: Object.values(base.settings.volumes) };
  for (const [kind, names] of [["secret", secrets] as const, ["volume", Object.values(volumes)] as const]) {
    const other = names.find((name) => !given[kind].includes(name));
    if (other === undefined) continue;
    throw new PermissionDeniedError(
      `code in a container cannot give "${base.name}" the ${kind} "${other}"; name it in the options that the function is deployed with`,
    );
  }
}

/** @throws InvalidError, PayloadTooLargeError. */
export function refuseParameters(name: string, { kind }: FunctionSettings, parameters: Uint8Array | null): void {
  if (parameters === null) return;
  if (kind !== "class") {
    throw new InvalidError(`"${name}" is a ${kind} and takes no constructor arguments; only a class does`);
  }
  const max = LIMITS.poolParametersBytes;
  if (parameters.byteLength <= max) return;
  throw new PayloadTooLargeError(
    `the constructor arguments of "${name}" are ${parameters.byteLength.toLocaleString("en")} bytes, above the limit of ` +
      `${max.toLocaleString("en")} (1 MiB); pass a reference (a path, a URL, a key) and load the data in an @enter method`,
    { details: { limit: "poolParametersBytes", max, current: parameters.byteLength } },
  );
}

function refuseTooMany(name: string, current: number): void {
  const max = LIMITS.poolsPerFunction;
  if (current < max) return;
  throw new LimitExceededError(
    `"${name}" has ${current.toLocaleString("en")} pools already, each with other options or constructor arguments; pass what ` +
      "differs from call to call as an argument of the method instead",
    { details: { limit: "poolsPerFunction", max, current, retryAfterMs: null } },
  );
}
