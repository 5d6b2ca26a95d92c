/** The options of a function as a user writes them: each with its default and its bounds. */
import * as z from "zod/mini";
import { imageSchema } from "./image.ts";
import { ENVIRONMENT_LIMITS } from "./limits.ts";
import { duration, fields, flag, HOUR, integer, MINUTE, number, SECOND, show, text } from "./option-fields.ts";
import { volumesSchema } from "./volumes.ts";

const retryPolicy = fields(
  {
    maxRetries: integer(0, 10),
    backoffCoefficient: z._default(number(1, 10), 2),
    initialDelay: z._default(duration(0, 60 * SECOND), 1 * SECOND),
    maxDelay: z._default(duration(1 * SECOND, 60 * SECOND), 60 * SECOND),
  },
  "a retry policy { maxRetries, backoffCoefficient, initialDelay, maxDelay }",
);
/** By which a function is scaled, without their defaults: they can be changed while it runs. */
export const autoscalerFields = {
  minContainers: integer(0, 4_000),
  maxContainers: integer(1, 4_000),
  bufferContainers: integer(0, 4_000),
  scaledownWindow: duration(2 * SECOND, 20 * MINUTE),
  scaleupWindow: duration(0, 60 * MINUTE),
  targetInputs: integer(1, 1_000),
};
const concurrency = fields(
  { maxInputs: integer(1, 1_000), targetInputs: z.optional(autoscalerFields.targetInputs) },
  "{ maxInputs, targetInputs }",
);
const batching = fields({ maxBatchSize: integer(1, 1_000), waitMs: integer(0, 600_000) }, "{ maxBatchSize, waitMs }");
const gpu = text("the name of a GPU").check(
  z.regex(/^[A-Za-z0-9-]+(:[1-9]\d?)?$/, {
    error: (issue) => `${show(issue.input)} is not a GPU; write "H100", "A10G:2" or "any"`,
  }),
);
export const schedule = z.discriminatedUnion(
  "type",
  [
    fields({ type: z.literal("cron"), expression: z.string(), timezone: z.string() }, "a cron schedule"),
    fields({ type: z.literal("period"), everyMs: z.int().check(z.minimum(SECOND)) }, "a period"),
  ],
  { error: (issue) => `${show(issue.input)} is not a schedule; write cron("0 8 * * 1-5") or period({ hours: 1 })` },
);

export const optionsSchema = fields(
  {
    name: z.optional(
      text("a name").check(
        z.regex(/^[A-Za-z_][\w.-]{0,63}$/, {
          error: (issue) =>
            `${show(issue.input)} must start with a letter and hold at most 64 letters, digits, _ . or -`,
        }),
      ),
    ),
    minContainers: z._default(autoscalerFields.minContainers, 0),
    maxContainers: z._default(autoscalerFields.maxContainers, ENVIRONMENT_LIMITS.containers.default),
    bufferContainers: z._default(autoscalerFields.bufferContainers, 0),
    scaledownWindow: z._default(autoscalerFields.scaledownWindow, 60 * SECOND),
    scaleupWindow: z._default(autoscalerFields.scaleupWindow, 0),
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
    image: z.optional(imageSchema),
    env: z._default(
      z.record(
        z.string().check(z.regex(/^[A-Za-z_]\w*$/, "is not the name of an environment variable")),
        text("text; environment variables are strings"),
        'write { NAME: "value" }',
      ),
      {},
    ),
    // Of two secrets with the same variable the later one wins, and `env` wins over both: what code says plainly holds.
    secrets: z._default(z.array(text("the name of a secret"), "write a list of names of secrets"), []),
    volumes: z._default(volumesSchema, {}),
    schedule: z.optional(schedule),
    memorySnapshot: z._default(flag, false),
    gpuSnapshot: z._default(flag, false),
    blockNetwork: z._default(flag, false),
  },
  "an object of options",
);
