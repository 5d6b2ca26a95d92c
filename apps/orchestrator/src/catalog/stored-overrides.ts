/** The overrides of a function as one column of its row, so that a record and what is laid over it are read together. */
import { functions } from "@bellows/db/schema/functions";
import type { AutoscalerSetting } from "@bellows/protocol/autoscaler-settings";
import { sql } from "drizzle-orm";
import type { LaidOver, SetValue } from "../core/settings-layers.ts";

export type StoredOverride = SetValue & { setting: AutoscalerSetting };

/** Of the function of each row, in selections that join: only there is the id named with its table. */
export const overridesOfFunction = sql<StoredOverride[]>`(
  select coalesce(jsonb_agg(jsonb_build_object('setting', setting, 'value', value, 'setBy', set_by, 'atMs', at_ms)), '[]')
  from autoscaler_overrides where function_id = ${functions.id})`;

export function overrideLayer(stored: readonly StoredOverride[]): LaidOver {
  const values = stored.map(({ setting, value, setBy, atMs }) => [setting, { value, setBy, atMs }]);
  return { layer: "override", values: Object.fromEntries(values) };
}
