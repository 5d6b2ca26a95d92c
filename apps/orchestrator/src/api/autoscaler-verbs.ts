/** How a function is scaled: which settings hold and why, and who may change them. */
import { functions } from "@bellows/db/schema/functions";
import { type AutoscalerChanges, parseAutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import { NotFoundError } from "@bellows/protocol/errors";
import type { AutoscalerView } from "@bellows/protocol/views";
import { and, eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Catalog } from "../catalog/catalog.ts";
import type { FunctionDirectory, FunctionRecord } from "../catalog/function-directory.ts";
import { poolKeyOf } from "../catalog/pool-key.ts";
import type { Principal } from "../catalog/principal.ts";
import type { Engines } from "../engine/engines.ts";
import { handlePool } from "./handle-pool.ts";
import { environmentWithin, type Reach } from "./reach.ts";
import type { FunctionRef, HandleRef } from "./verbs.ts";

interface Deps {
  db: NodePgDatabase;
  directory: FunctionDirectory;
  engines: Pick<Engines, "functionOf">;
  catalog: Pick<Catalog, "updateAutoscaler">;
}

/** A pool that nobody has used yet is not made for the question. @throws NotFoundError, PermissionDeniedError. */
export async function autoscalerOf(deps: Deps, ref: FunctionRef | HandleRef, reach: Reach): Promise<AutoscalerView> {
  const { functionId, autoscaler } = "id" in ref ? await byId(deps, ref.id, reach) : await existing(deps, ref, reach);
  return { functionId, settings: autoscaler };
}

/**
 * A pool that nobody has used yet is made, as by a call of it.
 * @throws InvalidError; NotFoundError, ConflictError; PermissionDeniedError; of a pool what making one throws.
 */
export async function updateAutoscaler(
  deps: Deps,
  ref: FunctionRef | HandleRef,
  changes: AutoscalerChanges,
  reach: Reach,
): Promise<AutoscalerView> {
  const parsed = parseAutoscalerChanges(changes);
  const { functionId } = "id" in ref ? await byId(deps, ref.id, reach) : await used(deps, ref, reach);
  return deps.catalog.updateAutoscaler({ functionId, changes: parsed, setBy: authorOf(deps, reach.principal) });
}

async function byId({ directory }: Deps, id: string, { environment }: Reach): Promise<FunctionRecord> {
  const record = await directory.byId(id);
  if (record && (environment === null || record.environment === environment)) return record;
  throw new NotFoundError(`there is no function ${id}; look it up again by app and name`);
}

type Named = Exclude<FunctionRef | HandleRef, { id: string }>;

function poolOf(ref: Named) {
  return "pool" in ref && ref.pool ? handlePool(ref.pool) : null;
}

async function used({ directory }: Deps, ref: Named, reach: Reach): Promise<FunctionRecord> {
  environmentWithin(reach, ref.environment);
  const by = { isContainer: reach.principal.kind === "container" };
  return directory.resolve(ref.environment, ref.app, ref.name, poolOf(ref), by);
}

async function existing({ db, directory }: Deps, ref: Named, reach: Reach): Promise<FunctionRecord> {
  environmentWithin(reach, ref.environment);
  const base = await directory.resolve(ref.environment, ref.app, ref.name);
  const pool = poolOf(ref);
  if (!pool) return base;
  const named = and(eq(functions.appId, base.appId), eq(functions.name, ref.name));
  const [row] = await db
    .select({ id: functions.id })
    .from(functions)
    .where(and(named, eq(functions.poolKey, poolKeyOf(pool))));
  const record = row && (await directory.byId(row.id));
  if (record) return record;
  throw new NotFoundError(
    `nobody has used this pool of "${ref.name}" yet, so it has no settings of its own; call it, or update its autoscaler`,
  );
}

/** Who it was, in the words that are shown. */
function authorOf({ engines }: Deps, principal: Principal): string {
  if (principal.kind === "user") return principal.name;
  return engines.functionOf(principal.containerId) ?? `container ${principal.containerId}`;
}
