/**
 * What is laid over the settings of a function until its next deploy. The app's row is locked meanwhile, so a deploy and
 * many changes at once take turns: each is judged by what the ones before it have left, and no deploy clears it half.
 */
import { apps } from "@bellows/db/schema/apps";
import { autoscalerOverrides } from "@bellows/db/schema/autoscaler-overrides";
import { functions } from "@bellows/db/schema/functions";
import {
  AUTOSCALER_SETTINGS,
  type ParsedAutoscalerChanges,
  refuseInconsistent,
} from "@bellows/protocol/autoscaler-settings";
import { ConflictError, InvalidError, NotFoundError } from "@bellows/protocol/errors";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { changedValues, effectiveSettings, type SetValue, withEffective } from "../core/settings-layers.ts";
import { overrideLayer } from "./stored-overrides.ts";

export interface AutoscalerUpdate {
  functionId: string;
  changes: ParsedAutoscalerChanges;
  /** Who asks for it, in words. */
  setBy: string;
}

/**
 * @throws NotFoundError; ConflictError for a function that is not deployed any more; InvalidError when the result does not
 * fit together. Then nothing has changed.
 */
export async function updateAutoscaler(
  db: NodePgDatabase,
  { functionId, changes, setBy }: AutoscalerUpdate,
  nowMs: number,
): Promise<void> {
  await db.transaction(async (tx) => {
    const ofApp = tx.select({ id: functions.appId }).from(functions).where(eq(functions.id, functionId));
    const [app] = await tx.select().from(apps).where(inArray(apps.id, ofApp)).for("update");
    const [row] = await tx.select().from(functions).where(eq(functions.id, functionId));
    if (!app || !row) throw new NotFoundError(`there is no function ${functionId}; look it up again by app and name`);
    if (app.state === "stopped" || row.archivedAtMs !== null) {
      throw new ConflictError(
        `function "${row.name}" of app "${app.name}" is not deployed any more; deploy the app again, with the settings that it is to have`,
      );
    }
    const stored = await tx.select().from(autoscalerOverrides).where(eq(autoscalerOverrides.functionId, functionId));
    const values = changedValues(overrideLayer(stored).values, changes, { setBy, atMs: nowMs });
    const deployed = { settings: row.settings, version: app.version, atMs: app.deployedAtMs };
    const effective = effectiveSettings(deployed, [{ layer: "override", values }]);
    refuseContradiction(row.name, () => refuseInconsistent(withEffective(row.settings, effective)));
    const gone = AUTOSCALER_SETTINGS.filter((setting) => changes[setting] === null);
    const ofThis = eq(autoscalerOverrides.functionId, functionId);
    if (gone.length > 0) {
      await tx.delete(autoscalerOverrides).where(and(ofThis, inArray(autoscalerOverrides.setting, gone)));
    }
    const set = AUTOSCALER_SETTINGS.flatMap((setting) => {
      const given: SetValue | undefined = typeof changes[setting] === "number" ? values[setting] : undefined;
      return given ? [{ functionId, setting, ...given }] : [];
    });
    if (set.length === 0) return;
    await tx
      .insert(autoscalerOverrides)
      .values(set)
      .onConflictDoUpdate({
        target: [autoscalerOverrides.functionId, autoscalerOverrides.setting],
        set: { value: sql`excluded.value`, setBy: sql`excluded.set_by`, atMs: sql`excluded.at_ms` },
      });
  });
}

function refuseContradiction(name: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new InvalidError(`function "${name}", with what holds for it now: ${error.message}`);
  }
}
