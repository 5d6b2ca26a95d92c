/** The words of a decision, such as `wanted 7: 31 in flight / target 5; capped by maxContainers 5`. */
import { formatDuration } from "@bellows/protocol/duration";
import type { AutoscalerSettings, Scaled, ScalingDecision } from "./autoscale.ts";
import type { KeptBecause } from "./need-levels.ts";
import { ASSUMED_START_MS } from "./useful-need.ts";

export function decisionOf(scaled: Scaled): ScalingDecision {
  const { inputs, desired, cappedBy } = scaled;
  const { atMs, queued, running, current } = inputs;
  return { atMs, desired, reason: reasonOf(scaled), queued, running, current, cappedBy };
}

export function reasonOf(scaled: Scaled): string {
  const { inputs, desired } = scaled;
  if (inputs.mode === "stopped") return "the app is stopped";
  if (inputs.mode === "recovering") return `holding ${desired}: finding the containers that ran before the restart`;
  return [wantedText(scaled), tooLateText(scaled), capText(scaled), boundText(scaled)].filter(Boolean).join("; ");
}

function wantedText({ inputs, wanted }: Scaled): string {
  const { settings } = inputs;
  const load = inputs.queued + inputs.running;
  if (load === 0) return "wanted 0: nothing in flight";
  const buffer = settings.bufferContainers > 0 ? ` + buffer ${settings.bufferContainers}` : "";
  const alone = inputs.alone ? `, ${inputs.alone} of them each alone` : "";
  const batches = inputs.unit === "batch" ? ` ${load === 1 ? "batch" : "batches"}` : "";
  return `wanted ${wanted}: ${load}${batches} in flight / target ${settings.targetInputs}${alone}${buffer}`;
}

function tooLateText({ inputs, need, tooLate, desired, runMs }: Scaled): string {
  // Some of those that are there already may be more than would be started.
  const left = need + tooLate - Math.max(need, desired);
  if (left <= 0) return "";
  const unit = inputs.unit === "batch" ? "a batch" : "an input";
  if (runMs === null) return `${left} more when it is known how long ${unit} runs`;
  const start = inputs.startMs
    ? secondsText(inputs.startMs)
    : `${secondsText(ASSUMED_START_MS)}, for all that is known,`;
  const times = `${start} to start, ${secondsText(runMs)} ${unit}`;
  return `${left} more would be ready too late to help: ${times}`;
}

function capText({ inputs, cappedBy, need, wanted }: Scaled): string {
  const { settings } = inputs;
  switch (cappedBy) {
    case "maxContainers":
      return `capped by maxContainers ${settings.maxContainers}`;
    case "environment":
      return `capped by the environment, which has room for ${inputs.environmentCap} of them`;
    case "gpus": {
      const raised = need > wanted ? `raised to minContainers ${settings.minContainers}; ` : "";
      return `${raised}waiting for a GPU: ${inputs.gpus?.why}`;
    }
    case "degraded":
      return "starts keep failing, so one at a time is tried after a pause";
    case null:
      return "";
    default:
      return cappedBy satisfies never;
  }
}

/** Why it is not the need by the load. */
function boundText({ inputs, cappedBy, desired, need, wanted, keptMs, keptBecause }: Scaled): string {
  const { settings } = inputs;
  if (cappedBy === "gpus" || cappedBy === "degraded") return "";
  if (desired > need && keptBecause !== "needed")
    return `keeping ${desired} ${keptText(keptBecause, settings, keptMs)}`;
  if (desired < need) {
    return `waiting until the demand has lasted scaleupWindow ${formatDuration(settings.scaleupWindowMs)}`;
  }
  return need > wanted ? `raised to minContainers ${settings.minContainers}` : "";
}

function keptText(
  because: Exclude<KeptBecause, "needed">,
  { scaledownWindowMs }: AutoscalerSettings,
  keptMs: number,
): string {
  const window = `scaledownWindow ${formatDuration(scaledownWindowMs)}`;
  const lower = "until the need has been lower for";
  switch (because) {
    case "window":
      return `${lower} ${window}`;
    case "start":
      return `${lower} ${secondsText(keptMs)}, which is what starting again is worth`;
    case "least":
      return `${lower} ${secondsText(keptMs)}, the least there is`;
    case "briefly":
      return `${lower} ${secondsText(keptMs)}: starting again has cost less than keeping for longer`;
    case "found":
      return `for ${window} after the restart that found them`;
    default:
      return because satisfies never;
  }
}

/** Such as `8 s`, `0.2 s`, `0.03 s`. */
function secondsText(ms: number): string {
  return `${Number((ms / 1_000).toPrecision(ms >= 10_000 ? 3 : 2))} s`;
}
