/**
 * What a reader has written into the autoscaler's settings and not saved: texts, or the wish to have back what the code
 * says. They are judged by the parser that the API has, so the words are the same. Pure.
 */
import type { AutoscalerChanges, AutoscalerSetting } from "@bellows/protocol/autoscaler-settings";
import { parseAutoscalerChanges, refuseInconsistent } from "@bellows/protocol/autoscaler-settings";
import type { Duration } from "@bellows/protocol/duration";
import { parseDuration } from "@bellows/protocol/duration";
import { BellowsError } from "@bellows/protocol/errors";
import type { EffectiveSettings } from "@bellows/protocol/views";
import { SETTING_TEXTS, SETTINGS, settingText } from "./setting-texts.ts";

export type Draft = { to: "code" } | { to: "value"; text: string };
export type Drafts = Partial<Record<AutoscalerSetting, Draft>>;

export interface DraftChange {
  setting: AutoscalerSetting;
  from: string;
  /** Null: whatever the code says. */
  to: string | null;
}

/** The draft that this text is; undefined when it says what holds already. */
export function draftOf(setting: AutoscalerSetting, text: string, current: EffectiveSettings): Draft | undefined {
  const value = readValue(setting, text);
  const same = typeof value === "string" ? parseDuration(value) : value;
  return same === current[setting].value ? undefined : { to: "value", text };
}

/** What is wrong with a draft by itself; undefined when nothing is. */
export function draftProblem(setting: AutoscalerSetting, draft: Draft): string | undefined {
  if (draft.to === "code") return undefined;
  const value = readValue(setting, draft.text);
  if (value === undefined) return unreadable(setting, draft.text);
  const { option } = SETTING_TEXTS[setting];
  return problemOf(() => parseAutoscalerChanges({ [option]: value }))?.replace(`${option}: `, "");
}

/** What is wrong with all of them together; undefined when nothing is, or when that depends on what the code says. */
export function draftsProblem(drafts: Drafts, current: EffectiveSettings, maxInputs: number): string | undefined {
  const after = (setting: AutoscalerSetting): number => {
    const draft = drafts[setting];
    return draft?.to === "value" ? (msOrCount(setting, draft.text) ?? Number.NaN) : current[setting].value;
  };
  const depends = (["minContainers", "maxContainers", "targetInputs"] as const).some(
    (setting) => drafts[setting]?.to === "code",
  );
  if (depends) return undefined;
  return problemOf(() =>
    refuseInconsistent({
      minContainers: after("minContainers"),
      maxContainers: after("maxContainers"),
      targetInputs: after("targetInputs"),
      maxInputs,
    }),
  );
}

/** As the API takes them. */
export function changesOf(drafts: Drafts): AutoscalerChanges {
  return Object.fromEntries(
    draftedSettings(drafts).map(([setting, draft]) => [
      SETTING_TEXTS[setting].option,
      draft.to === "code" ? null : readValue(setting, draft.text),
    ]),
  );
}

/** For a reader, in the order of the settings. */
export function draftChanges(drafts: Drafts, current: EffectiveSettings): DraftChange[] {
  return draftedSettings(drafts).map(([setting, draft]) => ({
    setting,
    from: settingText(setting, current[setting].value),
    to: draft.to === "code" ? null : settingText(setting, msOrCount(setting, draft.text) ?? Number.NaN),
  }));
}

function draftedSettings(drafts: Drafts): [AutoscalerSetting, Draft][] {
  return SETTINGS.flatMap((setting): [AutoscalerSetting, Draft][] => {
    const draft = drafts[setting];
    return draft ? [[setting, draft]] : [];
  });
}

/** Undefined for what is neither a number nor a duration. */
function readValue(setting: AutoscalerSetting, text: string): number | Duration | undefined {
  const trimmed = text.trim();
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  return SETTING_TEXTS[setting].kind === "duration" && isDuration(trimmed) ? trimmed : undefined;
}

function msOrCount(setting: AutoscalerSetting, text: string): number | undefined {
  const value = readValue(setting, text);
  return typeof value === "string" ? parseDuration(value) : value;
}

function isDuration(text: string): text is Exclude<Duration, number> {
  return parseDuration(text) !== undefined;
}

function unreadable(setting: AutoscalerSetting, text: string): string {
  if (SETTING_TEXTS[setting].kind === "count") return `${JSON.stringify(text)} is not a number`;
  return `${JSON.stringify(text)} is not a duration; write 500ms, 90s, 5m or 1h`;
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof BellowsError) return error.message;
    throw error;
  }
}
