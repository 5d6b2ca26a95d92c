/**
 * The volumes of an environment: those that functions name and those that lie on this host, used or not. One is deleted
 * only while nothing can be writing to it.
 */
import { functions } from "@bellows/db/schema/functions";
import { ConflictError, InvalidError, NotFoundError } from "@bellows/protocol/errors";
import type { VolumeView } from "@bellows/protocol/views";
import { sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { VolumeStore } from "../containers/volume-store.ts";
import { environmentNamed } from "./environment-named.ts";
import { lockForRemoval } from "./naming-lock.ts";

type Session = Pick<NodePgDatabase, "execute">;

export interface Volumes {
  list(environment: string): Promise<VolumeView[]>;
  /** @throws NotFoundError; InvalidError while a function names it; ConflictError while a container may have it. */
  remove(environment: string, name: string): Promise<void>;
}

export function createVolumes(db: NodePgDatabase, store: VolumeStore): Volumes {
  return {
    async list(environment) {
      const environmentId = await environmentNamed(db, environment);
      const [users, sizes] = await Promise.all([usersOf(db, environmentId), store.list(environmentId)]);
      const names = [...new Set([...users.keys(), ...sizes.keys()])].sort();
      return names.map((name) => ({ name, size: sizes.get(name) ?? null, usedBy: users.get(name) ?? [] }));
    },
    async remove(environment, name) {
      const environmentId = await environmentNamed(db, environment);
      const wasThere = await db.transaction(async (tx) => {
        await lockForRemoval(tx);
        await assertUnused(tx, environmentId, name);
        return store.putAway(environmentId, name);
      });
      // Deleting many files takes its time; deploys do not wait for it.
      await store.clear(environmentId);
      if (wasThere) return;
      throw new NotFoundError(
        `there is no volume "${name}" on this host; \`bellows volume list\` shows those there are`,
      );
    },
  };
}

/** @throws InvalidError, ConflictError */
async function assertUnused(db: Session, environmentId: string, name: string): Promise<void> {
  const users = (await usersOf(db, environmentId)).get(name);
  if (users) throw new InvalidError(`volume "${name}" is used by ${users.join(", ")}; deploy without it first`);
  const containers = await containersWith(db, environmentId, name);
  if (containers.length === 0) return;
  throw new ConflictError(
    `volume "${name}" may be in use by containers that are still there: ${containers.join(", ")}; try again when they ` +
      "have ended, or stop them in the console",
  );
}

/** By name: the deployed functions that name it, each as `app/function`. */
async function usersOf(db: Session, environmentId: string): Promise<Map<string, string[]>> {
  const { rows } = await db.execute<{ name: string; usedBy: string[] }>(sql`
    select named.value as name, array_agg(distinct apps.name || '/' || ${functions.name}) as "usedBy"
    from ${functions} join apps on apps.id = ${functions.appId},
      lateral jsonb_each_text(${functions.settings} -> 'volumes') as named (path, value)
    where apps.environment_id = ${environmentId} and apps.state <> 'stopped' and ${functions.archivedAtMs} is null
    group by named.value`);
  return new Map(rows.map(({ name, usedBy }) => [name, usedBy]));
}

/**
 * Containers that run though no deployed function names the volume: of a stopped app, a removed function, or an earlier
 * deployment. What the last of these named is not stored any more, so any of them may have it.
 */
async function containersWith(db: Session, environmentId: string, name: string): Promise<string[]> {
  const { rows } = await db.execute<{ id: string; user: string }>(sql`
    select containers.id, apps.name || '/' || ${functions.name} as user
    from containers join ${functions} on ${functions.id} = containers.function_id join apps on apps.id = ${functions.appId}
    where containers.stopped_at_ms is null and apps.environment_id = ${environmentId}
      and (containers.deployment_id <> ${functions.deploymentId}
        or exists (select from jsonb_each_text(${functions.settings} -> 'volumes') as named where named.value = ${name}))
    order by containers.id`);
  return rows.map(({ id, user }) => `${id} of ${user}`);
}
