/** Whether what a preview says is an answer to what is on the screen now. Pure. */
import type { AutoscalerChanges, AutoscalerSettings } from "@bellows/protocol/autoscaler-settings";
import type { EffectiveSettings } from "@bellows/protocol/views";
import { SETTINGS } from "./setting-texts.ts";

export interface PreviewQuestion {
  /** A time range, or a pasted trace. */
  source: string;
  changes: AutoscalerChanges;
}

/**
 * The other arrivals or edits are one reason; another is that what the preview took for today's settings does not hold any
 * more, because somebody has saved others or a deploy has brought them.
 */
export function isPreviewStale(
  { asked, today }: { asked: PreviewQuestion; today: AutoscalerSettings },
  { now, current }: { now: PreviewQuestion; current: EffectiveSettings },
): boolean {
  if (asked.source !== now.source) return true;
  if (JSON.stringify(asked.changes) !== JSON.stringify(now.changes)) return true;
  return SETTINGS.some((setting) => today[setting] !== current[setting].value);
}
