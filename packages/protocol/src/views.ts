/**
 * What the API returns: one shape per noun, plain JSON, times in milliseconds since 1970. The router implements these
 * shapes; the console, the CLI and the SDK render them. Those of calls are in `call-views.ts`, those of load in
 * `load-views.ts`.
 */
import type { StartTimings } from "./agent-frames.ts";
import type { AutoscalerSetting } from "./autoscaler-settings.ts";
import type { CallCounts } from "./client-frames.ts";
import type { ErrorData } from "./errors.ts";
import type { FunctionSettings } from "./function-options.ts";
import type { AssignedGpu, GpuDevice, GpuUsage } from "./gpus.ts";
import type { EnvironmentLimits } from "./limits.ts";
import type { AppState, ContainerState, ImageState } from "./states.ts";

/** A page of a list. `nextCursor` is opaque; null on the last page. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface SystemView {
  version: string;
  environment: string;
  /** The driver in use and, in words, why this one. */
  driver: { name: string; reason: string };
  startedAtMs: number;
}

export interface UserView {
  id: string;
  name: string;
  role: "owner" | "admin" | "editor" | "viewer";
}

export interface AppView {
  id: string;
  name: string;
  environment: string;
  state: AppState;
  /** Number of the current deployment, from 1. */
  version: number;
  functionCount: number;
  createdAtMs: number;
  deployedAtMs: number;
  /** Containers that are starting, ready or draining now. */
  liveContainers: number;
  /** Inputs queued and running now. */
  queued: number;
  running: number;
}

/** How far all calls of an app are together. */
export interface AppProgressView {
  /** Calls that have not ended. */
  unfinished: number;
  /** Inputs known so far; it grows while the source of a map is read. */
  inputs: number;
  counts: CallCounts;
  /** Inputs queued and running now. */
  queued: number;
  running: number;
  /** Containers that are starting, ready or draining now. */
  liveContainers: number;
}

/** Live numbers of one function, from the memory of its owner. */
export interface FunctionStats {
  queued: number;
  running: number;
  /** Containers by state; gone ones are not counted. */
  containers: { starting: number; ready: number; draining: number };
  /** What the autoscaler wants, and why, in words. */
  desiredContainers: number;
  reason: string;
  /** Set when starts keep failing: starts are paused and this says why. */
  degraded: ErrorData | null;
  /** Set while every slot runs an input that waits for a call of this same function, and no container may be added. */
  deadlock: string | null;
}

export interface FunctionView {
  id: string;
  name: string;
  appId: string;
  appName: string;
  appState: AppState;
  environment: string;
  /** Those in force; `functions.autoscaler` says where each of the autoscaler's comes from. */
  settings: FunctionSettings;
  /** The pool of other options or constructor arguments that this is, and of which function; null for one that was deployed. */
  pool: { baseId: string; label: string } | null;
  deploymentVersion: number;
  /** Its app is not stopped and no deploy has removed it. While it is not, nothing of it can run or be changed. */
  deployed: boolean;
  createdAtMs: number;
  stats: FunctionStats;
}

/**
 * Where a setting of the autoscaler comes from. A later one holds over an earlier one: what nobody said, what the code
 * says, what `updateAutoscaler` has changed since the deploy, what a scaling policy says for now.
 */
export type SettingLayer = "default" | "code" | "override" | "policy";

export interface EffectiveSetting {
  /** Containers, inputs or milliseconds. */
  value: number;
  layer: SettingLayer;
  /** A user's name, `app/function` of code in a container, or `deployment 3`; null for a default. */
  setBy: string | null;
  atMs: number | null;
}

export type EffectiveSettings = Record<AutoscalerSetting, EffectiveSetting>;

export interface AutoscalerView {
  functionId: string;
  settings: EffectiveSettings;
}

/** A change of the number of containers that the autoscaler wants, with what it was made from. */
export interface DecisionView {
  id: string;
  atMs: number;
  desired: number;
  /** Containers that took inputs or were starting. */
  current: number;
  queued: number;
  running: number;
  /** What kept it below the need: `maxContainers`, `environment`, `gpus` or `degraded`; null when nothing did. */
  cappedBy: string | null;
  reason: string;
}

/** What `stats()` of a handle gives. */
export interface HandleStats {
  /** Inputs that wait. */
  backlog: number;
  /** Containers that are starting, ready or draining. */
  numTotalContainers: number;
  numRunningInputs: number;
}

/** A named set of variables. Their values are shown to nobody. */
export interface SecretView {
  id: string;
  name: string;
  /** The names of its variables. */
  variables: string[];
  /** The deployed functions that name it, each as `app/function`. */
  usedBy: string[];
  createdAtMs: number;
  updatedAtMs: number;
  updatedBy: string;
}

/** A folder that containers share. */
export interface VolumeView {
  name: string;
  /** Null while no container has asked for it: there is none on the host yet. `isWhole` is false when there is more. */
  size: { bytes: number; isWhole: boolean } | null;
  /** The deployed functions that name it, each as `app/function`. */
  usedBy: string[];
}

/** A booted container without a function, kept ready on this host. */
export interface StandbyView {
  containerId: string;
  /** Of its image, each `name@version`. */
  packages: string[];
  /** It is linked up: a function can have it at once. */
  ready: boolean;
  createdAtMs: number;
  /** Of its worker; null until it was measured. */
  memoryBytes: number | null;
}

/** The build of an image: of its definition, and of the npm packages that code needs beside it. */
export interface ImageBuildView {
  id: string;
  driver: string;
  state: ImageState;
  /** As its user wrote it: the base, then each step. */
  base: string;
  steps: string[];
  /** The packages of the code, each `name@version`. */
  packages: string[];
  error: ErrorData | null;
  startedAtMs: number;
  finishedAtMs: number | null;
}

/** What a build has said from a place in its log on; the next piece begins at `next`. */
export interface ImageLogView {
  text: string;
  next: number;
  state: ImageState;
  error: ErrorData | null;
}

export interface LimitsView {
  environment: string;
  limits: EnvironmentLimits;
  /** Those that were set here; the others are the defaults. */
  set: (keyof EnvironmentLimits)[];
}

export interface ContainerView {
  id: string;
  functionId: string;
  functionName: string;
  appId: string;
  appName: string;
  deploymentVersion: number;
  driver: string;
  state: ContainerState;
  slots: number;
  running: number;
  createdAtMs: number;
  readyAtMs: number | null;
  stoppedAtMs: number | null;
  /** Stages of the start: `createMs` is the driver's, the rest the agent's. Null until ready. */
  timings: ({ createMs: number } & StartTimings) | null;
  /** Why it stopped or failed, in words. */
  reason: string | null;
  error: ErrorData | null;
  cpuPercent: number | null;
  memoryBytes: number | null;
  /** The devices that it has; none when it is gone. */
  gpus: readonly (AssignedGpu & WithUsage)[];
}

/** A function, to be named and linked to. */
interface FunctionNames {
  functionId: string;
  functionName: string;
  appName: string;
}

interface WithUsage {
  /** Null for a declared device, and where the driver cannot be asked. */
  usage: GpuUsage | null;
}

export interface GpuView extends GpuDevice, WithUsage {
  /** The container that has it; null while it is free. */
  holder: (FunctionNames & { containerId: string }) | null;
}

/** A function that waits for devices for so many more containers. */
export interface GpuWaitView extends FunctionNames {
  /** Its wishes, tried in order. */
  gpu: readonly string[];
  containers: number;
  sinceMs: number;
  reason: string;
}

/** The GPUs of the host, and the functions that wait for some, in the order of their turns. */
export interface GpusView {
  gpus: GpuView[];
  waiting: GpuWaitView[];
  /** Why the devices of the host could not be listed, and what to do; null when they could. */
  trouble: string | null;
}

export interface LogLineView {
  /** Position in the log: pass the last one as `after` to read on. */
  id: string;
  atMs: number;
  stream: "stdout" | "stderr" | "system";
  functionName: string;
  containerId: string;
  callId: string | null;
  index: number | null;
  text: string;
}

export interface DeploymentView {
  appId: string;
  appName: string;
  deploymentId: string;
  version: number;
  functions: { id: string; name: string }[];
}
