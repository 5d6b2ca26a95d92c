/**
 * How every state looks, as one table per kind of thing: a new state does not compile until someone gives it a look.
 * Colour is never alone: each look has a word, and the dot of a thing at work is filled while the others are rings.
 */
import type { AppState, CallState, ContainerState, InputState } from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import { Badge } from "../ui/badge.tsx";
import type { Tone } from "../ui/tones.ts";

export interface Look {
  label: string;
  tone: Tone;
  /** Something is happening in it now. */
  active: boolean;
}

export const CALL_LOOKS: Record<CallState, Look> = {
  running: { label: "Running", tone: "info", active: true },
  succeeded: { label: "Succeeded", tone: "good", active: false },
  failed: { label: "Failed", tone: "bad", active: false },
  cancelled: { label: "Cancelled", tone: "muted", active: false },
};

export const INPUT_LOOKS: Record<InputState, Look> = {
  queued: { label: "Queued", tone: "wait", active: false },
  running: { label: "Running", tone: "info", active: true },
  succeeded: { label: "Succeeded", tone: "good", active: false },
  failed: { label: "Failed", tone: "bad", active: false },
  cancelled: { label: "Cancelled", tone: "muted", active: false },
};

export const CONTAINER_LOOKS: Record<ContainerState, Look> = {
  starting: { label: "Starting", tone: "wait", active: true },
  ready: { label: "Ready", tone: "good", active: true },
  draining: { label: "Draining", tone: "info", active: true },
  stopped: { label: "Stopped", tone: "muted", active: false },
  failed: { label: "Failed", tone: "bad", active: false },
  lost: { label: "Lost", tone: "bad", active: false },
};

export const APP_LOOKS: Record<AppState, Look> = {
  deployed: { label: "Deployed", tone: "good", active: true },
  ephemeral: { label: "Ephemeral", tone: "info", active: true },
  stopped: { label: "Stopped", tone: "muted", active: false },
};

/** A function has no state of its own in the catalog: what it is doing follows from its live numbers. */
export type FunctionActivity = "degraded" | "busy" | "warm" | "idle";

const FUNCTION_LOOKS: Record<FunctionActivity, Look> = {
  degraded: { label: "Degraded", tone: "bad", active: true },
  busy: { label: "Busy", tone: "info", active: true },
  warm: { label: "Warm", tone: "good", active: true },
  idle: { label: "Idle", tone: "muted", active: false },
};

export function functionActivity(stats: FunctionStats): FunctionActivity {
  if (stats.degraded) return "degraded";
  if (stats.queued + stats.running > 0) return "busy";
  return liveContainerCount(stats) > 0 ? "warm" : "idle";
}

export function liveContainerCount({ containers }: FunctionStats): number {
  return containers.starting + containers.ready + containers.draining;
}

export function CallBadge({ state }: { state: CallState }) {
  return <Badge {...CALL_LOOKS[state]} />;
}

export function InputBadge({ state }: { state: InputState }) {
  return <Badge {...INPUT_LOOKS[state]} />;
}

export function ContainerBadge({ state }: { state: ContainerState }) {
  return <Badge {...CONTAINER_LOOKS[state]} />;
}

export function AppBadge({ state }: { state: AppState }) {
  return <Badge {...APP_LOOKS[state]} />;
}

export function FunctionBadge({ stats }: { stats: FunctionStats }) {
  return <Badge {...FUNCTION_LOOKS[functionActivity(stats)]} />;
}
