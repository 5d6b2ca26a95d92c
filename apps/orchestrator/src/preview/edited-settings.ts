/** The settings a function would have after some changes of its autoscaler. Pure. */
import type { ParsedAutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import { AUTOSCALER_SETTINGS, refuseInconsistent } from "@bellows/protocol/autoscaler-settings";
import type { FunctionSettings } from "@bellows/protocol/function-options";

/**
 * `null` takes back what was laid over the settings that were deployed.
 * @throws InvalidError when the result does not fit together.
 */
export function editedSettings(
  today: FunctionSettings,
  deployed: FunctionSettings,
  changes: ParsedAutoscalerChanges,
): FunctionSettings {
  const edited = { ...today };
  for (const setting of AUTOSCALER_SETTINGS) {
    const change = changes[setting];
    if (change !== undefined) edited[setting] = change ?? deployed[setting];
  }
  refuseInconsistent(edited);
  return edited;
}
