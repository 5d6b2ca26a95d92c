/** Detaching: an ephemeral app then lives until its calls are finished, with nobody holding it. */
import { apps } from "@bellows/db/schema/apps";
import { InvalidError, NotFoundError } from "@bellows/protocol/errors";
import { eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

/** @throws NotFoundError; InvalidError when the app is deployed (it lives anyway) or stopped. */
export async function detachApp(db: NodePgDatabase, { appId, nowMs }: { appId: string; nowMs: number }): Promise<void> {
  await db.transaction(async (tx) => {
    const [app] = await tx.select().from(apps).where(eq(apps.id, appId)).for("update");
    if (!app) throw new NotFoundError(`there is no app ${appId}; \`bellows app list\` shows those there are`);
    if (app.state !== "ephemeral") {
      throw new InvalidError(
        `app "${app.name}" is ${app.state}; only an ephemeral app, made by \`bellows run\`, can be detached`,
      );
    }
    await tx.update(apps).set({ detachedAtMs: nowMs }).where(eq(apps.id, appId));
  });
}
