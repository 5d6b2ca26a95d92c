/**
 * The options of a function: what a user writes, with its defaults and bounds, and the settings they become.
 * Parsing happens once, where the function is defined; everything after that sees `FunctionSettings` only.
 */
import * as z from "zod/mini";
import type { Duration } from "./duration.ts";
import { parseDuration, spellDuration } from "./duration.ts";
import { InvalidError } from "./errors.ts";
import { ENVIRONMENT_LIMITS } from "./limits.ts";
import { FUNCTION_KINDS, type FunctionKind } from "./states.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A duration within bounds; a bare number that would fit as seconds is answered with that guess. */
function duration(minMs: number, maxMs: number) {
  const inMs = z.transform((value: Duration, payload): number => {
    const ms = parseDuration(value);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    // `continue` keeps the reason when the duration stands in one arm of a union.
    payload.issues.push({
      code: "custom",
      input: value,
      message: badDuration(value, ms, minMs, maxMs),
      continue: true,
    });
    return z.NEVER;
  });
  return z.pipe(z.custom<Duration>(), inMs);
}

function badDuration(value: Duration, ms: number | undefined, minMs: number, maxMs: number): string {
  if (ms === undefined) {
    return `${show(value)} is not a duration; write milliseconds or a string such as "100ms", "5s", "5m", "2h"`;
  }
  const side = ms < minMs ? `below ${spellDuration(minMs)}` : `above ${spellDuration(maxMs)}`;
  const asSeconds = typeof value === "number" ? value * SECOND : Number.NaN;
  const guess = asSeconds >= minMs && asSeconds <= maxMs ? `; did you mean "${value}s"?` : "";
  return `${typeof value === "number" ? `${value} ms` : show(value)} is ${side}${guess}`;
}

// One check a number: these are built at every cold start, and a chain of refinements took twice as long.
function number(min: number, max: number, whole = false) {
  return z.number({ error: (issue) => `${show(issue.input)} is not a number` }).check(({ value, issues }) => {
    const message = outOfBounds(value, min, max, whole);
    if (message) issues.push({ code: "custom", input: value, message, continue: true });
  });
}

function integer(min: number, max: number) {
  return number(min, max, true);
}

function outOfBounds(value: number, min: number, max: number, whole: boolean): string | undefined {
  if (value < min) return `${value} is below ${min}`;
  if (value > max) return `${value} is above ${max.toLocaleString("en")}`;
  return whole && !Number.isInteger(value) ? `${value} is not a whole number` : undefined;
}

/** An object with these fields and no others; `form` is how one looks. */
function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape, form: string) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `there is no such option; the options are ${Object.keys(shape).join(", ")}`
        : `${show(issue.input)} is not ${form}`,
  });
}

function text(form: string) {
  return z.string({ error: (issue) => `${show(issue.input)} is not ${form}` });
}

const flag = z.boolean({ error: (issue) => `${show(issue.input)} is not true or false` });
const retryPolicy = fields(
  {
    maxRetries: integer(0, 10),
    backoffCoefficient: z._default(number(1, 10), 2),
    initialDelay: z._default(duration(0, 60 * SECOND), 1 * SECOND),
    maxDelay: z._default(duration(1 * SECOND, 60 * SECOND), 60 * SECOND),
  },
  "a retry policy { maxRetries, backoffCoefficient, initialDelay, maxDelay }",
);
const concurrency = fields(
  { maxInputs: integer(1, 1_000), targetInputs: z.optional(integer(1, 1_000)) },
  "{ maxInputs, targetInputs }",
);
const batching = fields({ maxBatchSize: integer(1, 1_000), waitMs: integer(0, 600_000) }, "{ maxBatchSize, waitMs }");
const gpu = text("the name of a GPU").check(
  z.regex(/^[A-Za-z0-9-]+(:[1-9]\d?)?$/, {
    error: (issue) => `${show(issue.input)} is not a GPU; write "H100", "A10G:2" or "any"`,
  }),
);
const schedule = z.discriminatedUnion(
  "type",
  [
    fields({ type: z.literal("cron"), expression: z.string(), timezone: z.string() }, "a cron schedule"),
    fields({ type: z.literal("period"), everyMs: z.int().check(z.minimum(SECOND)) }, "a period"),
  ],
  { error: (issue) => `${show(issue.input)} is not a schedule; write cron("0 8 * * 1-5") or period({ hours: 1 })` },
);

const optionsSchema = fields(
  {
    name: z.optional(
      text("a name").check(
        z.regex(/^[A-Za-z_][\w.-]{0,63}$/, {
          error: (issue) =>
            `${show(issue.input)} must start with a letter and hold at most 64 letters, digits, _ . or -`,
        }),
      ),
    ),
    minContainers: z._default(integer(0, 4_000), 0),
    maxContainers: z._default(integer(1, 4_000), ENVIRONMENT_LIMITS.containers.default),
    bufferContainers: z._default(integer(0, 4_000), 0),
    scaledownWindow: z._default(duration(2 * SECOND, 20 * MINUTE), 60 * SECOND),
    scaleupWindow: z._default(duration(0, 60 * MINUTE), 0),
    concurrent: z._default(concurrency, { maxInputs: 1 }),
    batched: z.optional(batching),
    retries: z._default(
      z.union([integer(0, 10), retryPolicy], {
        error: (issue) => `${show(issue.input)} is not a number of retries or { maxRetries, backoffCoefficient, ... }`,
      }),
      0,
    ),
    timeout: z._default(duration(1 * SECOND, 24 * HOUR), 300 * SECOND),
    startupTimeout: z.optional(duration(1 * SECOND, 24 * HOUR)),
    singleUseContainers: z._default(flag, false),
    cpu: z.optional(number(0.01, 1_024)),
    memory: z.optional(integer(16, 16_777_216)),
    gpu: z.optional(
      z.union([gpu, z.array(gpu).check(z.minLength(1, "an empty list names no GPU"))], {
        error: (issue) => `${show(issue.input)} is not a GPU; write "H100", "A10G:2", "any", or a list of them`,
      }),
    ),
    image: z.optional(
      z.custom<object>((value) => typeof value === "object" && value !== null, {
        error: (issue) => `${show(issue.input)} is not an image`,
      }),
    ),
    env: z._default(
      z.record(
        z.string().check(z.regex(/^[A-Za-z_]\w*$/, "is not the name of an environment variable")),
        text("text; environment variables are strings"),
        'write { NAME: "value" }',
      ),
      {},
    ),
    secrets: z._default(z.array(text("the name of a secret"), "write a list of names of secrets"), []),
    volumes: z._default(
      z.record(
        z.string().check(z.startsWith("/", "is not an absolute path")),
        text("the name of a volume"),
        'write { "/path": "volume" }',
      ),
      {},
    ),
    schedule: z.optional(schedule),
    memorySnapshot: z._default(flag, false),
    gpuSnapshot: z._default(flag, false),
    blockNetwork: z._default(flag, false),
  },
  "an object of options",
);

/** What a user may write; durations are `Duration`, memory is MiB, cpu is cores. */
export type FunctionOptions = z.input<typeof optionsSchema>;

/** What may differ in a pool of its own. */
export type PoolOptions = Omit<FunctionOptions, "name" | "schedule">;

/** The full settings of a function, every default filled in, every duration in milliseconds. */
export const functionSettingsSchema = z.object({
  kind: z.enum(Object.keys(FUNCTION_KINDS) as [FunctionKind, ...FunctionKind[]]),
  /** The names of a class's methods; empty for anything else. */
  methods: z.array(z.string()),
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
  image: z.nullable(z.record(z.string(), z.unknown())),
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
  return consistent({ ...base, ...changes });
}

function consistent(settings: FunctionSettings): FunctionSettings {
  const { minContainers, maxContainers, targetInputs, maxInputs } = settings;
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
  return settings;
}

function settingsOf(options: FunctionOptions): FunctionSettings {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new InvalidError(firstIssueText(parsed.error));
  const given = parsed.data;
  const retries =
    typeof given.retries === "number" ? { maxRetries: given.retries, ...FIXED_RETRY_DELAY } : given.retries;
  return {
    kind: "function",
    methods: [],
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
    image: (given.image as Record<string, unknown> | undefined) ?? null,
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
  minContainers: "minContainers",
  maxContainers: "maxContainers",
  bufferContainers: "bufferContainers",
  scaledownWindowMs: "scaledownWindow",
  scaleupWindowMs: "scaleupWindow",
  maxInputs: "concurrent",
  targetInputs: "concurrent",
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

function firstIssueText(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "the options are not valid";
  const path = issue.code === "unrecognized_keys" ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  // A wrong key of a record has its reason one level down.
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return path.length > 0 ? `${path.join(".")}: ${message}` : message;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
