/**
 * The settings of a function as rows to read: under the name the option has in code, with its value in words. A new
 * setting does not compile until it has a row.
 */
import { formatDuration } from "@bellows/protocol/duration";
import type { FunctionSettings } from "@bellows/protocol/function-options";

export interface SettingRow {
  option: string;
  value: string;
  /** Absent where the value says it all. */
  note?: string;
}

/** `written` is about the others. */
type Rows = { readonly [K in Exclude<keyof FunctionSettings, "written">]: (settings: FunctionSettings) => SettingRow };

const KIND_NOTES: Record<FunctionSettings["kind"], string> = {
  function: "answers once",
  generator: "yields many values; called with remoteGen() only",
  class: "one instance for each container; its methods are called",
};

const ROWS: Rows = {
  kind: (s) => ({ option: "kind", value: s.kind, note: KIND_NOTES[s.kind] }),
  methods: (s) => ({ option: "methods", value: list(s.methods) }),
  python: (s) => ({ option: "python", value: s.python ? `${s.python.function} of ${s.python.file}` : "no" }),
  minContainers: (s) => ({
    option: "minContainers",
    value: String(s.minContainers),
    note: "kept running even when idle",
  }),
  maxContainers: (s) => ({
    option: "maxContainers",
    value: String(s.maxContainers),
    note: "past it inputs wait in the queue",
  }),
  bufferContainers: (s) => ({
    option: "bufferContainers",
    value: String(s.bufferContainers),
    note: "extra idle ones while the function is active",
  }),
  scaledownWindowMs: (s) => ({
    option: "scaledownWindow",
    value: formatDuration(s.scaledownWindowMs),
    note: "the longest an idle container is kept",
  }),
  scaleupWindowMs: (s) => ({
    option: "scaleupWindow",
    value: formatDuration(s.scaleupWindowMs),
    note: "demand must last this long before containers are added",
  }),
  maxInputs: (s) => ({
    option: "concurrent.maxInputs",
    value: String(s.maxInputs),
    note: "inputs at the same time in one container",
  }),
  targetInputs: (s) => ({
    option: "concurrent.targetInputs",
    value: String(s.targetInputs),
    note: "inputs a container is provisioned for",
  }),
  batched: (s) => ({
    option: "batched",
    value: s.batched ? `up to ${s.batched.maxBatchSize}, waits ${formatDuration(s.batched.waitMs)}` : "off",
  }),
  retries: ({ retries }) => ({
    option: "retries",
    value: String(retries.maxRetries),
    ...(retries.maxRetries > 0 ? { note: retryNote(retries) } : {}),
  }),
  timeoutMs: (s) => ({ option: "timeout", value: formatDuration(s.timeoutMs), note: "per attempt, execution only" }),
  startupTimeoutMs: (s) => ({
    option: "startupTimeout",
    value: formatDuration(s.startupTimeoutMs),
    note: "image, imports and enter hooks",
  }),
  singleUseContainers: (s) => ({ option: "singleUseContainers", value: yesNo(s.singleUseContainers) }),
  cpu: (s) => ({ option: "cpu", value: s.cpu === null ? "unlimited" : `${s.cpu} cores` }),
  memoryMiB: (s) => ({ option: "memory", value: s.memoryMiB === null ? "unlimited" : `${s.memoryMiB} MiB` }),
  gpu: (s) => ({ option: "gpu", value: s.gpu === null ? "none" : s.gpu.join(", then ") }),
  image: (s) => ({ option: "image", value: s.image === null ? "default Node image" : JSON.stringify(s.image) }),
  // Names only: values of the environment may be secrets.
  env: (s) => ({ option: "env", value: list(Object.keys(s.env)) }),
  secrets: (s) => ({ option: "secrets", value: list(s.secrets) }),
  volumes: (s) => ({
    option: "volumes",
    value: list(Object.entries(s.volumes).map(([path, name]) => `${name} at ${path}`)),
  }),
  schedule: ({ schedule }) => ({
    option: "schedule",
    value:
      schedule === null
        ? "none"
        : schedule.type === "cron"
          ? `${schedule.expression} (${schedule.timezone})`
          : `every ${formatDuration(schedule.everyMs)}`,
  }),
  memorySnapshot: (s) => ({ option: "memorySnapshot", value: yesNo(s.memorySnapshot) }),
  gpuSnapshot: (s) => ({ option: "gpuSnapshot", value: yesNo(s.gpuSnapshot) }),
  blockNetwork: (s) => ({ option: "blockNetwork", value: yesNo(s.blockNetwork) }),
};

export function settingRows(settings: FunctionSettings): SettingRow[] {
  return Object.values(ROWS).map((row) => row(settings));
}

function retryNote({ backoffCoefficient, initialDelayMs, maxDelayMs }: FunctionSettings["retries"]): string {
  if (backoffCoefficient === 1) return `${formatDuration(initialDelayMs)} apart`;
  return `first after ${formatDuration(initialDelayMs)}, then ${backoffCoefficient} times as long, at most ${formatDuration(maxDelayMs)}`;
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "none" : items.join(", ");
}
