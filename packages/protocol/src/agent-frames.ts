/**
 * The link between the agent in a container and the orchestrator. One WebSocket at `/link/agent?container=ID`,
 * `Authorization: Bearer` with the container's own token. Every message is a list of these frames.
 */
import * as z from "zod/mini";
import { errorDataSchema } from "./errors.ts";
import {
  attemptRef,
  attemptRefs,
  bytes,
  bytesList,
  index,
  inputsByCall,
  logItem,
  outputsByCall,
} from "./frame-parts.ts";
import { pythonSchema } from "./python.ts";

/** What a container runs. `bundleHash` is the SHA-256 of the bundle, in hex. */
export const assignmentSchema = z.object({
  functionId: z.string(),
  functionName: z.string(),
  appName: z.string(),
  environment: z.string(),
  deploymentId: z.string(),
  bundleHash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** At a time; of a batched function it counts batches. */
  maxInputs: z.int().check(z.minimum(1)),
  /** Each `run` is one batch, of inputs of any calls: handed to the code at once, and never merged or split on the way. */
  batched: z.boolean(),
  timeoutMs: z.number(),
  startupTimeoutMs: z.number(),
  memoryMiB: z.nullable(z.number()),
  env: z.record(z.string(), z.string()),
  /** Variables that are taken out of what is logged; those of `env` win. */
  secrets: z.record(z.string(), z.string()),
  /** What a class is constructed with, an encoded array; null when nothing is. */
  parameters: z.nullable(bytes),
  /** Null for code that Node runs. */
  python: z.nullable(pythonSchema),
});
export type Assignment = z.infer<typeof assignmentSchema>;

/** Durations of the stages of a start, in milliseconds: of the agent's boot, the bundle's arrival, the imports, the enter hooks. */
export const startTimingsSchema = z.object({
  bootMs: z.number(),
  fetchMs: z.number(),
  importMs: z.number(),
  enterMs: z.number(),
});
export type StartTimings = z.infer<typeof startTimingsSchema>;

export const agentFrameSchema = z.discriminatedUnion("type", [
  /**
   * First frame of every connection: the attempts this container holds (started or not). Unacknowledged outputs follow
   * it. `draining`: it takes no inputs any more, whoever asked for its end.
   */
  z.object({
    type: z.literal("hello"),
    containerId: z.string(),
    ready: z.boolean(),
    draining: z.boolean(),
    held: attemptRefs,
  }),
  /** The worker has imported the code and run its enter hooks; it may be given inputs. Comes again after a worker was replaced. */
  z.object({ type: z.literal("ready"), slots: z.int().check(z.minimum(1)), timings: startTimingsSchema }),
  /** The code could not be started. The agent exits after it. */
  z.object({ type: z.literal("startFailed"), error: errorDataSchema }),
  /** Attempts whose execution has begun: they can no longer be recalled. */
  z.object({ type: z.literal("started"), attempts: attemptRefs }),
  /** Ends of attempts, numbered `firstSeq`, `firstSeq + 1`, ... over the container's life; offered again until `ack`. */
  z.object({ type: z.literal("outputs"), firstSeq: z.int().check(z.minimum(1)), outputs: outputsByCall }),
  /** Values that a generator yielded: number `firstSeq`, `firstSeq + 1`, ... of this attempt. Its output is how many there were. */
  z.object({ type: z.literal("yields"), attempt: attemptRef, firstSeq: index, values: bytesList }),
  /**
   * Attempts that are given back and not to blame for anything: they never began (recalled, or the worker died before
   * them), or had begun beside the one attempt because of which the worker had to end.
   */
  z.object({ type: z.literal("returned"), attempts: attemptRefs }),
  /** Attempts that had begun when the worker died, and nobody knows of which of them; `error` says what killed it. */
  z.object({ type: z.literal("lost"), attempts: attemptRefs, error: errorDataSchema }),
  z.object({ type: z.literal("logs"), lines: z.array(logItem) }),
  /** CPU in percent of one core, resident memory of the worker in bytes; sent every few seconds. */
  z.object({ type: z.literal("stats"), cpuPercent: z.number(), memoryBytes: z.number() }),
  /** It was asked to end by another than the orchestrator (SIGTERM of its host): it gives back whatever it is still handed. */
  z.object({ type: z.literal("draining") }),
  /** Drained: nothing is held and every output is acknowledged. The agent exits with status 0 after it. */
  z.object({ type: z.literal("drained") }),
]);
export type AgentFrame = z.infer<typeof agentFrameSchema>;

/** What the orchestrator sends to an agent. */
export const commandFrameSchema = z.discriminatedUnion("type", [
  /** First frame of every connection. */
  z.object({ type: z.literal("assign"), assignment: assignmentSchema }),
  z.object({ type: z.literal("run"), inputs: inputsByCall.check(z.minLength(1)) }),
  /** Give these back if they have not begun; answered by `returned` for those that had not. */
  z.object({ type: z.literal("recall"), attempts: attemptRefs }),
  /** Abort these: their signal fires; a worker that does not end them within the grace is replaced. */
  z.object({ type: z.literal("cancel"), attempts: attemptRefs }),
  /** The caller's `take`, for the attempt that yields. */
  z.object({ type: z.literal("take"), attempt: attemptRef, received: index, resend: z.boolean() }),
  /** The outputs up to this number are in Postgres: the agent may forget them. */
  z.object({ type: z.literal("ack"), seq: z.int() }),
  /** Give back what has not begun, finish what has, exit. */
  z.object({ type: z.literal("drain") }),
]);
export type CommandFrame = z.infer<typeof commandFrameSchema>;
