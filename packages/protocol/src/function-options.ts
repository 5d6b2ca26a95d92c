/**
 * The options of a function, what a user writes, and the settings they become. Parsing happens once, where the function is
 * defined; everything after that sees `FunctionSettings` only.
 */
import * as z from "zod/mini";
import { AUTOSCALER_SETTINGS, OPTION_OF_AUTOSCALER_SETTING, refuseInconsistent } from "./autoscaler-settings.ts";
import { InvalidError } from "./errors.ts";
import { imageSchema } from "./image.ts";
import { issueText, SECOND } from "./option-fields.ts";
import { optionsSchema, schedule } from "./options-schema.ts";
import { pythonSchema } from "./python.ts";
import { FUNCTION_KINDS, type FunctionKind } from "./states.ts";

/** What a user may write; durations are `Duration`, memory is MiB, cpu is cores. */
export type FunctionOptions = z.input<typeof optionsSchema>;

/** What may differ in a pool of its own. */
export type PoolOptions = Omit<FunctionOptions, "name" | "schedule">;

/** The full settings of a function, every default filled in, every duration in milliseconds. */
export const functionSettingsSchema = z.object({
  kind: z.enum(Object.keys(FUNCTION_KINDS) as [FunctionKind, ...FunctionKind[]]),
  /** The names of a class's methods; empty for anything else. */
  methods: z.array(z.string()),
  /** Null for code that Node runs. */
  python: z.nullable(pythonSchema),
  /**
   * Those by which it is scaled that its code says itself, of a pool in the options of the pool too; the others are
   * defaults. Left out where an earlier version has deployed it: then nobody knows.
   */
  written: z.optional(z.array(z.enum(AUTOSCALER_SETTINGS))),
  minContainers: z.number(),
  maxContainers: z.number(),
  bufferContainers: z.number(),
  scaledownWindowMs: z.number(),
  scaleupWindowMs: z.number(),
  maxInputs: z.number(),
  targetInputs: z.number(),
  batched: z.nullable(z.object({ maxBatchSize: z.number(), waitMs: z.number() })),
  retries: z.object({
    maxRetries: z.number(),
    backoffCoefficient: z.number(),
    initialDelayMs: z.number(),
    maxDelayMs: z.number(),
  }),
  timeoutMs: z.number(),
  startupTimeoutMs: z.number(),
  singleUseContainers: z.boolean(),
  cpu: z.nullable(z.number()),
  memoryMiB: z.nullable(z.number()),
  gpu: z.nullable(z.array(z.string())),
  image: z.nullable(imageSchema),
  env: z.record(z.string(), z.string()),
  secrets: z.array(z.string()),
  volumes: z.record(z.string(), z.string()),
  schedule: z.nullable(schedule),
  memorySnapshot: z.boolean(),
  gpuSnapshot: z.boolean(),
  blockNetwork: z.boolean(),
});
export type FunctionSettings = z.infer<typeof functionSettingsSchema>;

/**
 * The settings that a user's options become.
 * @throws InvalidError naming the option, its value, the bound it broke and the likely intent.
 */
export function parseFunctionOptions(options: FunctionOptions = {}): FunctionSettings {
  return consistent(settingsOf(options));
}

/** The settings that some options alone change, for a pool of its own: `name` and `schedule` are the function's. */
export function parsePoolOptions(options: PoolOptions): Partial<FunctionSettings> {
  const settings = settingsOf(options);
  const changed = Object.entries(OPTION_OF_SETTING).filter(
    ([, option]) => option in options && options[option] !== undefined,
  );
  for (const fixed of ["name", "schedule"]) {
    if (fixed in options) throw new InvalidError(`${fixed}: belongs to the function; it cannot differ in a pool of it`);
  }
  return Object.fromEntries(changed.map(([setting]) => [setting, settings[setting as SettingOfOption]]));
}

/**
 * The settings of a pool.
 * @throws InvalidError when those that differ do not fit the rest.
 */
export function poolSettings(base: FunctionSettings, changes: Partial<FunctionSettings>): FunctionSettings {
  if (changes.batched !== undefined && (changes.batched === null) !== (base.batched === null)) {
    throw new InvalidError(
      base.batched === null
        ? "batched: the function takes one input at a time, which a pool cannot change; define it with `batched`, and its handler with lists"
        : "batched: the function takes lists, which a pool cannot change; leave `batched` as it is, or change its numbers",
    );
  }
  const written =
    base.written && AUTOSCALER_SETTINGS.filter((setting) => base.written?.includes(setting) || setting in changes);
  return consistent({ ...base, ...changes, written });
}

function consistent(settings: FunctionSettings): FunctionSettings {
  refuseInconsistent(settings);
  if (settings.batched && settings.schedule) {
    throw new InvalidError(
      "schedule: not for a batched function, which is called with arguments; schedule one that calls it",
    );
  }
  return settings;
}

function settingsOf(options: FunctionOptions): FunctionSettings {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new InvalidError(issueText(parsed.error, "the options are not valid"));
  const given = parsed.data;
  const retries =
    typeof given.retries === "number" ? { maxRetries: given.retries, ...FIXED_RETRY_DELAY } : given.retries;
  return {
    kind: "function",
    methods: [],
    python: null,
    written: AUTOSCALER_SETTINGS.filter((setting) => options[OPTION_OF_AUTOSCALER_SETTING[setting]] !== undefined),
    minContainers: given.minContainers,
    maxContainers: given.maxContainers,
    bufferContainers: given.bufferContainers,
    scaledownWindowMs: given.scaledownWindow,
    scaleupWindowMs: given.scaleupWindow,
    maxInputs: given.concurrent.maxInputs,
    targetInputs: given.concurrent.targetInputs ?? given.concurrent.maxInputs,
    batched: given.batched ?? null,
    retries: {
      maxRetries: retries.maxRetries,
      backoffCoefficient: retries.backoffCoefficient,
      initialDelayMs: retries.initialDelay,
      maxDelayMs: retries.maxDelay,
    },
    timeoutMs: given.timeout,
    startupTimeoutMs: given.startupTimeout ?? given.timeout,
    singleUseContainers: given.singleUseContainers,
    cpu: given.cpu ?? null,
    memoryMiB: given.memory ?? null,
    gpu: given.gpu === undefined ? null : [given.gpu].flat(),
    image: given.image ?? null,
    env: given.env,
    secrets: given.secrets,
    volumes: given.volumes,
    schedule: given.schedule ?? null,
    memorySnapshot: given.memorySnapshot,
    gpuSnapshot: given.gpuSnapshot,
    blockNetwork: given.blockNetwork,
  };
}

/** Which option sets which setting of a pool. */
const OPTION_OF_SETTING = {
  ...OPTION_OF_AUTOSCALER_SETTING,
  maxInputs: "concurrent",
  batched: "batched",
  retries: "retries",
  timeoutMs: "timeout",
  startupTimeoutMs: "startupTimeout",
  singleUseContainers: "singleUseContainers",
  cpu: "cpu",
  memoryMiB: "memory",
  gpu: "gpu",
  image: "image",
  env: "env",
  secrets: "secrets",
  volumes: "volumes",
  memorySnapshot: "memorySnapshot",
  gpuSnapshot: "gpuSnapshot",
  blockNetwork: "blockNetwork",
} as const satisfies Partial<Record<keyof FunctionSettings, keyof PoolOptions>>;
type SettingOfOption = keyof typeof OPTION_OF_SETTING;

/** `retries: n` means n retries, one second apart. */
const FIXED_RETRY_DELAY = { backoffCoefficient: 1, initialDelay: 1 * SECOND, maxDelay: 60 * SECOND };
