/**
 * How every state looks, as one table per kind of thing: a new state does not compile until someone gives it a look.
 * Colour is never alone: each look has a word, and the dot of a thing at work is filled while the others are rings.
 */
import type { CallView } from "@bellows/protocol/call-views";
import type {
  AppState,
  AttemptOutcome,
  CallState,
  ContainerState,
  FunctionKind,
  ImageState,
  InputState,
} from "@bellows/protocol/states";
import type { FunctionStats } from "@bellows/protocol/views";
import { Badge, Tag } from "../ui/badge.tsx";
import type { Tone } from "../ui/tones.ts";
import { isLiveCall } from "./actions.ts";

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

/** What is running for the tables may be on its way out for the reader, or not move at all. */
export type CallStanding = CallState | "cancelling" | "waiting";

const CALL_STANDING_LOOKS: Record<CallStanding, Look> = {
  ...CALL_LOOKS,
  cancelling: { label: "Cancelling", tone: "wait", active: true },
  waiting: { label: "Waiting", tone: "wait", active: false },
};

type Standing = Pick<CallView, "state" | "cancelAsked" | "waitReason">;

export function callStanding({ state, cancelAsked, waitReason }: Standing): CallStanding {
  if (!isLiveCall(state)) return state;
  if (cancelAsked) return "cancelling";
  return waitReason === null ? state : "waiting";
}

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

const IMAGE_LOOKS: Record<ImageState, Look> = {
  building: { label: "Building", tone: "info", active: true },
  ready: { label: "Ready", tone: "good", active: false },
  failed: { label: "Failed", tone: "bad", active: false },
};

export const APP_LOOKS: Record<AppState, Look> = {
  deployed: { label: "Deployed", tone: "good", active: true },
  ephemeral: { label: "Ephemeral", tone: "info", active: true },
  stopped: { label: "Stopped", tone: "muted", active: false },
};

/** How an attempt ended that did not end its input. */
export const ATTEMPT_LOOKS: Record<AttemptOutcome, Look & { meaning: string }> = {
  failed: { label: "Failed", tone: "bad", active: false, meaning: "the code threw or ran too long" },
  lost: { label: "Lost", tone: "wait", active: false, meaning: "its container went away; charged to nobody" },
  retried: { label: "Retried", tone: "muted", active: false, meaning: "ended, until somebody retried the call" },
};

/** What the code of a function is; an ordinary one needs no word. */
const FUNCTION_KIND_TAGS: Record<FunctionKind, { label: string; title: string } | null> = {
  function: null,
  generator: { label: "generator", title: "yields many values; called with remoteGen() only" },
  class: { label: "class", title: "its methods are called; one instance for each container" },
};

/** A function has no state of its own in the catalog: what it is doing follows from its live numbers. */
export type FunctionActivity = "degraded" | "deadlocked" | "busy" | "warm" | "idle";

const FUNCTION_LOOKS: Record<FunctionActivity, Look> = {
  degraded: { label: "Degraded", tone: "bad", active: true },
  deadlocked: { label: "Deadlocked", tone: "wait", active: true },
  busy: { label: "Busy", tone: "info", active: true },
  warm: { label: "Warm", tone: "good", active: true },
  idle: { label: "Idle", tone: "muted", active: false },
};

export function functionActivity(stats: FunctionStats): FunctionActivity {
  if (stats.degraded) return "degraded";
  if (stats.deadlock !== null) return "deadlocked";
  if (stats.queued + stats.running > 0) return "busy";
  return liveContainerCount(stats) > 0 ? "warm" : "idle";
}

export function liveContainerCount({ containers }: FunctionStats): number {
  return containers.starting + containers.ready + containers.draining;
}

export function CallBadge({ call }: { call: Standing }) {
  return <Badge {...CALL_STANDING_LOOKS[callStanding(call)]} title={call.waitReason ?? undefined} />;
}

export function AttemptBadge({ outcome }: { outcome: AttemptOutcome }) {
  const { meaning, ...look } = ATTEMPT_LOOKS[outcome];
  return <Badge {...look} title={meaning} />;
}

export function FunctionKindTag({ kind }: { kind: FunctionKind }) {
  const tag = FUNCTION_KIND_TAGS[kind];
  return tag && <Tag title={tag.title}>{tag.label}</Tag>;
}

export function InputBadge({ state }: { state: InputState }) {
  return <Badge {...INPUT_LOOKS[state]} />;
}

export function ContainerBadge({ state }: { state: ContainerState }) {
  return <Badge {...CONTAINER_LOOKS[state]} />;
}

export function ImageBadge({ state }: { state: ImageState }) {
  return <Badge {...IMAGE_LOOKS[state]} />;
}

export function AppBadge({ state }: { state: AppState }) {
  return <Badge {...APP_LOOKS[state]} />;
}

export function FunctionBadge({ stats }: { stats: FunctionStats }) {
  return <Badge {...FUNCTION_LOOKS[functionActivity(stats)]} />;
}
