/**
 * Which settings of the autoscaler hold, and where each comes from. Layers are a list, the lowest first: what the deploy
 * has left (defaults, and over them what the code says), then whatever was laid over it. The highest that has a setting
 * wins, setting by setting.
 */
import {
  AUTOSCALER_SETTINGS,
  type AutoscalerSetting,
  type ParsedAutoscalerChanges,
} from "@bellows/protocol/autoscaler-settings";
import { type FunctionSettings, parseFunctionOptions } from "@bellows/protocol/function-options";
import type { EffectiveSetting, EffectiveSettings, SettingLayer } from "@bellows/protocol/views";

/** A value that somebody gave a setting, in the unit of the setting. */
export interface SetValue {
  value: number;
  /** Who did, in words. */
  setBy: string;
  atMs: number;
}

export type SetValues = Partial<Record<AutoscalerSetting, SetValue>>;

export interface LaidOver {
  layer: Exclude<SettingLayer, "default" | "code">;
  values: SetValues;
}

/** The settings of a function as they were deployed. */
export interface DeployedSettings {
  settings: FunctionSettings;
  version: number;
  atMs: number;
}

/** Each setting by the last of the layers that has it. */
export function effectiveSettings(deployed: DeployedSettings, over: readonly LaidOver[]): EffectiveSettings {
  const written = new Set(writtenIn(deployed.settings));
  const each = (setting: AutoscalerSetting): EffectiveSetting => {
    const highest = over.findLast(({ values }) => values[setting] !== undefined);
    const set = highest?.values[setting];
    if (highest && set) return { ...set, layer: highest.layer };
    const value = deployed.settings[setting];
    if (!written.has(setting)) return { value, layer: "default", setBy: null, atMs: null };
    return { value, layer: "code", setBy: `deployment ${deployed.version}`, atMs: deployed.atMs };
  };
  return {
    minContainers: each("minContainers"),
    maxContainers: each("maxContainers"),
    bufferContainers: each("bufferContainers"),
    scaledownWindowMs: each("scaledownWindowMs"),
    scaleupWindowMs: each("scaleupWindowMs"),
    targetInputs: each("targetInputs"),
  };
}

/** The settings of the function with those in force in their places. */
export function withEffective(settings: FunctionSettings, effective: EffectiveSettings): FunctionSettings {
  const values = AUTOSCALER_SETTINGS.map((setting) => [setting, effective[setting].value]);
  return { ...settings, ...Object.fromEntries(values) };
}

/** A layer after changes by one author: `null` takes a value out of it, what is not named stays as it is. */
export function changedValues(
  values: SetValues,
  changes: ParsedAutoscalerChanges,
  { setBy, atMs }: Omit<SetValue, "value">,
): SetValues {
  const changed = { ...values };
  for (const setting of AUTOSCALER_SETTINGS) {
    const value = changes[setting];
    if (value === null) delete changed[setting];
    else if (value !== undefined) changed[setting] = { value, setBy, atMs };
  }
  return changed;
}

/** Of a deployment that does not say what its code has written, that is whatever differs from the defaults. */
function writtenIn(settings: FunctionSettings): readonly AutoscalerSetting[] {
  if (settings.written) return settings.written;
  const defaults = parseFunctionOptions();
  return AUTOSCALER_SETTINGS.filter((setting) => settings[setting] !== defaults[setting]);
}
