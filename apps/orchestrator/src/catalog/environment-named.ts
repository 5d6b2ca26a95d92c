/** Environments are named by people and known by id everywhere else. */
import { environments } from "@bellows/db/schema/environments";
import { NotFoundError } from "@bellows/protocol/errors";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { closestNames } from "./closest-names.ts";

/** The id of the environment of this name. @throws NotFoundError naming those there are. */
export async function environmentNamed(db: Pick<NodePgDatabase, "select">, name: string): Promise<string> {
  const known = await db.select().from(environments);
  const found = known.find((row) => row.name === name);
  if (found) return found.id;
  const names = known.map((row) => row.name);
  throw new NotFoundError(`there is no environment "${name}"; there is ${closestNames(name, names)}`);
}
