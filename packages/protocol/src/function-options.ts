/**
 * The options of a function: what a user writes, with its defaults and bounds, and the settings they become.
 * Parsing happens once, where the function is defined; everything after that sees `FunctionSettings` only.
 */
import { z } from "zod";
import { type Duration, formatDuration, parseDuration } from "./duration.ts";
import { InvalidError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A duration within bounds; a bare number that would fit as seconds is answered with that guess. */
function duration(minMs: number, maxMs: number) {
  return z.custom<Duration>().transform((value, context): number => {
    const ms = parseDuration(value);
    if (ms === undefined) {
      context.addIssue(
        `${show(value)} is not a duration; write milliseconds or a string such as "100ms", "5s", "5m", "2h"`,
      );
      return z.NEVER;
    }
    if (ms >= minMs && ms <= maxMs) return ms;
    const side = ms < minMs ? `below ${formatDuration(minMs)}` : `above ${formatDuration(maxMs)}`;
    const asSeconds = typeof value === "number" ? value * SECOND : Number.NaN;
    const guess = asSeconds >= minMs && asSeconds <= maxMs ? `; did you mean "${value}s"?` : "";
    context.addIssue(`${typeof value === "number" ? `${value} ms` : show(value)} is ${side}${guess}`);
    return z.NEVER;
  });
}

function integer(min: number, max: number) {
  return number(min, max).refine((value) => Number.isInteger(value), {
    error: (issue) => `${issue.input} is not a whole number`,
  });
}

function number(min: number, max: number) {
  return z
    .number({ error: (issue) => `${show(issue.input)} is not a number` })
    .refine((value) => value >= min, { error: (issue) => `${issue.input} is below ${min}` })
    .refine((value) => value <= max, { error: (issue) => `${issue.input} is above ${max.toLocaleString("en")}` });
}

const flag = z.boolean({ error: (issue) => `${show(issue.input)} is not true or false` });
const retryPolicy = z.strictObject({
  maxRetries: integer(0, 10),
  backoffCoefficient: number(1, 10).default(2),
  initialDelay: duration(0, 60 * SECOND).default(1 * SECOND),
  maxDelay: duration(1 * SECOND, 60 * SECOND).default(60 * SECOND),
});
const concurrency = z.strictObject({ maxInputs: integer(1, 1_000), targetInputs: integer(1, 1_000).optional() });
const gpu = z.string().regex(/^[A-Za-z0-9-]+(:[1-9]\d?)?$/, {
  error: (issue) => `${show(issue.input)} is not a GPU; write "H100", "A10G:2" or "any"`,
});
const schedule = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("cron"), expression: z.string(), timezone: z.string() }),
  z.strictObject({ type: z.literal("period"), everyMs: z.number().int().min(SECOND) }),
]);

const optionsSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_][\w.-]{0,63}$/, {
      error: "must start with a letter and hold at most 64 letters, digits, _ . or -",
    })
    .optional(),
  minContainers: integer(0, 4_000).default(0),
  maxContainers: integer(1, 4_000).default(LIMITS.containersPerEnvironment),
  bufferContainers: integer(0, 4_000).default(0),
  scaledownWindow: duration(2 * SECOND, 20 * MINUTE).default(60 * SECOND),
  scaleupWindow: duration(0, 60 * MINUTE).default(0),
  concurrent: concurrency.default({ maxInputs: 1 }),
  batched: z.strictObject({ maxBatchSize: integer(1, 1_000), waitMs: integer(0, 600_000) }).optional(),
  retries: z.union([integer(0, 10), retryPolicy]).default(0),
  timeout: duration(1 * SECOND, 24 * HOUR).default(300 * SECOND),
  startupTimeout: duration(1 * SECOND, 24 * HOUR).optional(),
  singleUseContainers: flag.default(false),
  cpu: number(0.01, 1_024).optional(),
  memory: integer(16, 16_777_216).optional(),
  gpu: z.union([gpu, z.array(gpu).min(1)]).optional(),
  image: z.custom<object>((value) => typeof value === "object" && value !== null).optional(),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
  secrets: z.array(z.string()).default([]),
  volumes: z.record(z.string().startsWith("/"), z.string()).default({}),
  schedule: schedule.optional(),
  memorySnapshot: flag.default(false),
  gpuSnapshot: flag.default(false),
  blockNetwork: flag.default(false),
});

/** What a user may write. SPEC table of options; durations are `Duration`, memory is MiB, cpu is cores. */
export type FunctionOptions = z.input<typeof optionsSchema>;

/** The full settings of a function, every default filled in, every duration in milliseconds. */
export const functionSettingsSchema = z.object({
  minContainers: z.number(),
  maxContainers: z.number(),
  bufferContainers: z.number(),
  scaledownWindowMs: z.number(),
  scaleupWindowMs: z.number(),
  maxInputs: z.number(),
  targetInputs: z.number(),
  batched: z.object({ maxBatchSize: z.number(), waitMs: z.number() }).nullable(),
  retries: z.object({
    maxRetries: z.number(),
    backoffCoefficient: z.number(),
    initialDelayMs: z.number(),
    maxDelayMs: z.number(),
  }),
  timeoutMs: z.number(),
  startupTimeoutMs: z.number(),
  singleUseContainers: z.boolean(),
  cpu: z.number().nullable(),
  memoryMiB: z.number().nullable(),
  gpu: z.array(z.string()).nullable(),
  image: z.record(z.string(), z.unknown()).nullable(),
  env: z.record(z.string(), z.string()),
  secrets: z.array(z.string()),
  volumes: z.record(z.string(), z.string()),
  schedule: schedule.nullable(),
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
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new InvalidError(firstIssueText(parsed.error));
  const given = parsed.data;
  const targetInputs = given.concurrent.targetInputs ?? given.concurrent.maxInputs;
  if (given.minContainers > given.maxContainers) {
    throw new InvalidError(
      `minContainers: ${given.minContainers} is above maxContainers ${given.maxContainers}; raise maxContainers or lower minContainers`,
    );
  }
  if (targetInputs > given.concurrent.maxInputs) {
    throw new InvalidError(
      `concurrent.targetInputs: ${targetInputs} is above maxInputs ${given.concurrent.maxInputs}; containers burst from target up to max`,
    );
  }
  const retries =
    typeof given.retries === "number" ? { maxRetries: given.retries, ...FIXED_RETRY_DELAY } : given.retries;
  return {
    minContainers: given.minContainers,
    maxContainers: given.maxContainers,
    bufferContainers: given.bufferContainers,
    scaledownWindowMs: given.scaledownWindow,
    scaleupWindowMs: given.scaleupWindow,
    maxInputs: given.concurrent.maxInputs,
    targetInputs,
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

/** `retries: n` means n retries, one second apart. */
const FIXED_RETRY_DELAY = { backoffCoefficient: 1, initialDelay: 1 * SECOND, maxDelay: 60 * SECOND };

function firstIssueText(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "the options are not valid";
  if (issue.code === "unrecognized_keys") {
    return `${[...issue.path, issue.keys[0]].join(".")}: there is no such option; the options are ${Object.keys(optionsSchema.shape).join(", ")}`;
  }
  return issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message;
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
