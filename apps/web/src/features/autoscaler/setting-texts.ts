/** What each setting of the autoscaler is, in words, under the name it has in code. A new one does not compile until it is explained. */
import type { AutoscalerSetting } from "@bellows/protocol/autoscaler-settings";
import { AUTOSCALER_SETTINGS } from "@bellows/protocol/autoscaler-settings";
import { formatDuration } from "@bellows/protocol/duration";
import { formatCount } from "../../lib/format.ts";

interface SettingText {
  /** As `updateAutoscaler` takes it. */
  option: "minContainers" | "maxContainers" | "bufferContainers" | "scaledownWindow" | "scaleupWindow" | "targetInputs";
  kind: "count" | "duration";
  meaning: string;
}

export const SETTING_TEXTS: Record<AutoscalerSetting, SettingText> = {
  minContainers: { option: "minContainers", kind: "count", meaning: "Kept running even when idle." },
  maxContainers: { option: "maxContainers", kind: "count", meaning: "Past it inputs wait in the queue." },
  bufferContainers: {
    option: "bufferContainers",
    kind: "count",
    meaning: "Extra idle ones, while the function has something to do.",
  },
  scaledownWindowMs: {
    option: "scaledownWindow",
    kind: "duration",
    meaning: "The longest an idle container above minContainers is kept.",
  },
  scaleupWindowMs: {
    option: "scaleupWindow",
    kind: "duration",
    meaning: "Demand must last this long before containers are added.",
  },
  targetInputs: {
    option: "targetInputs",
    kind: "count",
    meaning: "Inputs at a time that a container is provisioned for.",
  },
};

export const SETTINGS: readonly AutoscalerSetting[] = AUTOSCALER_SETTINGS;

export function settingText(setting: AutoscalerSetting, value: number): string {
  return SETTING_TEXTS[setting].kind === "duration" ? durationText(value) : formatCount(value);
}

function durationText(ms: number): string {
  return ms === 0 ? "0s" : formatDuration(ms);
}

/** The same, as it is written into a field: without what a parser would not take. */
export function editedText(setting: AutoscalerSetting, value: number): string {
  return SETTING_TEXTS[setting].kind === "duration" ? durationText(value).replace(" ", "") : String(value);
}
