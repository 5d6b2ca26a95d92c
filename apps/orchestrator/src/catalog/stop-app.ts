/** The end of an app: its functions can no longer be called. Stopping a stopped app changes nothing. */
import { apps } from "@bellows/db/schema/apps";
import { functions } from "@bellows/db/schema/functions";
import { NotFoundError } from "@bellows/protocol/errors";
import { eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

export interface StoppedApp {
  name: string;
  functionIds: string[];
  /** False when it was stopped before. */
  changed: boolean;
}

/** @throws NotFoundError */
export async function stopApp(
  db: NodePgDatabase,
  { appId, nowMs }: { appId: string; nowMs: number },
): Promise<StoppedApp> {
  return db.transaction(async (tx) => {
    const [app] = await tx.select().from(apps).where(eq(apps.id, appId)).for("update");
    if (!app) throw new NotFoundError(`there is no app ${appId}; \`bellows app list\` shows those there are`);
    const changed = app.state !== "stopped";
    if (changed) await tx.update(apps).set({ state: "stopped", stoppedAtMs: nowMs }).where(eq(apps.id, appId));
    const its = await tx.select({ id: functions.id }).from(functions).where(eq(functions.appId, appId));
    return { name: app.name, functionIds: its.map(({ id }) => id), changed };
  });
}
