/**
 * The settings by which a function is scaled: code says them, `updateAutoscaler` changes them while it runs. Their bounds
 * stand in `options-schema.ts`; what of them must fit together is said here, for both.
 */
import * as z from "zod/mini";
import type { Duration } from "./duration.ts";
import { InvalidError } from "./errors.ts";
import { fields, issueText } from "./option-fields.ts";
import { autoscalerFields } from "./options-schema.ts";

/** Which option sets which setting; `concurrent` sets both of its own. */
export const OPTION_OF_AUTOSCALER_SETTING = {
  minContainers: "minContainers",
  maxContainers: "maxContainers",
  bufferContainers: "bufferContainers",
  scaledownWindowMs: "scaledownWindow",
  scaleupWindowMs: "scaleupWindow",
  targetInputs: "concurrent",
} as const;
export type AutoscalerSetting = keyof typeof OPTION_OF_AUTOSCALER_SETTING;
export const AUTOSCALER_SETTINGS = Object.keys(OPTION_OF_AUTOSCALER_SETTING) as [
  AutoscalerSetting,
  ...AutoscalerSetting[],
];

/** In milliseconds, containers and inputs. */
export type AutoscalerSettings = Record<AutoscalerSetting, number>;

/** What a user asks for; what is left out stays as it is, and `null` takes back what was changed before. */
export interface AutoscalerChanges {
  /** Kept running even when idle; 0..4,000. */
  minContainers?: number | null | undefined;
  /** Past it inputs wait; 1..4,000. */
  maxContainers?: number | null | undefined;
  /** Extra idle containers while the function is active; 0..4,000. */
  bufferContainers?: number | null | undefined;
  /** The longest an idle container is kept; 2 s..20 min. */
  scaledownWindow?: Duration | null | undefined;
  /** How long demand must last before containers are added; 0..60 min. */
  scaleupWindow?: Duration | null | undefined;
  /** Inputs that a container is provisioned for; 1..1,000, at most `concurrent.maxInputs`. */
  targetInputs?: number | null | undefined;
}

/** Checked, in the units of the settings; only what was asked for. */
export type ParsedAutoscalerChanges = Partial<Record<AutoscalerSetting, number | null>>;

/**
 * Whether the result fits together is judged where the other settings are known (`refuseInconsistent`).
 * @throws InvalidError naming the setting, its value, the bound it broke and the likely intent; when nothing is asked for.
 */
export function parseAutoscalerChanges(changes: AutoscalerChanges): ParsedAutoscalerChanges {
  const { minContainers, maxContainers, bufferContainers, scaledownWindow, scaleupWindow, targetInputs } =
    autoscalerFields;
  // Made when it is asked for, since the options of functions are read at every cold start.
  const optional = <T extends z.core.SomeType>(field: T) => z.optional(z.nullable(field));
  const schema = fields(
    {
      minContainers: optional(minContainers),
      maxContainers: optional(maxContainers),
      bufferContainers: optional(bufferContainers),
      scaledownWindow: optional(scaledownWindow),
      scaleupWindow: optional(scaleupWindow),
      targetInputs: optional(targetInputs),
    },
    "an object of settings, such as { minContainers: 2 }",
  );
  const parsed = schema.safeParse(changes);
  if (!parsed.success) throw new InvalidError(issueText(parsed.error, "the settings are not valid"));
  const { scaledownWindow: scaledownWindowMs, scaleupWindow: scaleupWindowMs, ...counts } = parsed.data;
  const asked = Object.entries({ ...counts, scaledownWindowMs, scaleupWindowMs }).filter(
    ([, value]) => value !== undefined,
  );
  if (asked.length === 0) {
    throw new InvalidError(`nothing was asked for; name one of ${Object.keys(autoscalerFields).join(", ")}`);
  }
  return Object.fromEntries(asked);
}

/** @throws InvalidError naming the two settings that contradict each other, and what to do. */
export function refuseInconsistent({
  minContainers,
  maxContainers,
  targetInputs,
  maxInputs,
}: Pick<AutoscalerSettings, "minContainers" | "maxContainers" | "targetInputs"> & { maxInputs: number }): void {
  if (minContainers > maxContainers) {
    throw new InvalidError(
      `minContainers: ${minContainers} is above maxContainers ${maxContainers}; raise maxContainers or lower minContainers`,
    );
  }
  if (targetInputs > maxInputs) {
    throw new InvalidError(
      `concurrent.targetInputs: ${targetInputs} is above maxInputs ${maxInputs}; containers burst from target up to max`,
    );
  }
}
