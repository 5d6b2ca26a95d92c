/** The limits of an environment: those that were set for it over the defaults. Two changes at once both hold. */
import { environments } from "@bellows/db/schema/environments";
import { InvalidError } from "@bellows/protocol/errors";
import { DEFAULT_LIMITS, ENVIRONMENT_LIMITS, type EnvironmentLimits } from "@bellows/protocol/limits";
import type { LimitsView } from "@bellows/protocol/views";
import { eq, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { environmentNamed } from "./environment-named.ts";

type LimitName = keyof EnvironmentLimits;

/** What is to change; null goes back to the default. */
export type LimitChanges = { [K in LimitName]?: number | null | undefined };

const NAMES = Object.keys(ENVIRONMENT_LIMITS).filter(isLimitName);

/** @throws NotFoundError */
export async function environmentLimits(db: NodePgDatabase, environment: string): Promise<LimitsView> {
  const id = await environmentNamed(db, environment);
  const [row] = await db.select({ limits: environments.limits }).from(environments).where(eq(environments.id, id));
  return viewOf(environment, row?.limits ?? {});
}

/** @throws NotFoundError; InvalidError naming limit, value and bound. Nothing is changed then. */
export async function setEnvironmentLimits(
  db: NodePgDatabase,
  environment: string,
  changes: LimitChanges,
): Promise<LimitsView> {
  const set: { -readonly [K in LimitName]?: number } = {};
  const unset: LimitName[] = [];
  for (const [name, value] of Object.entries(changes)) {
    if (!isLimitName(name)) {
      throw new InvalidError(`there is no limit "${name}"; the limits are ${NAMES.join(", ")}`);
    }
    if (value === null) unset.push(name);
    else if (value !== undefined) set[name] = withinBounds(name, value);
  }
  const id = await environmentNamed(db, environment);
  const [row] = await db
    .update(environments)
    .set({
      limits: sql`(${environments.limits} - ${sql.param(unset)}::text[]) || ${JSON.stringify(set)}::jsonb`,
    })
    .where(eq(environments.id, id))
    .returning({ limits: environments.limits });
  return viewOf(environment, row?.limits ?? {});
}

function viewOf(environment: string, limits: Partial<EnvironmentLimits>): LimitsView {
  return {
    environment,
    limits: { ...DEFAULT_LIMITS, ...limits },
    set: NAMES.filter((name) => limits[name] !== undefined),
  };
}

function withinBounds(name: LimitName, value: number): number {
  const { min, max } = ENVIRONMENT_LIMITS[name];
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InvalidError(
    `${name}: ${value} is not a whole number from ${min} to ${max.toLocaleString("en")}; the default is ${DEFAULT_LIMITS[name].toLocaleString("en")}`,
    { details: { limit: name, value, min, max } },
  );
}

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(ENVIRONMENT_LIMITS, name);
}
