/**
 * The pipes between agent and worker: length-prefixed blocks of frames (`encodeBlock`). The worker reads from file
 * descriptor 3 and writes to 4. Order is meaningful: inputs begin in the order in which they were sent, as many at a
 * time as there are slots, and every output is written before the next input begins. So the agent knows which
 * attempts have begun from what it sent and what has ended, even when user code blocks the worker's event loop. Of a
 * batched function each `run` is a batch, which begins as one and ends when the last of its inputs has; an input that
 * ends alone (it was cancelled, its arguments do not fit) leaves the batch to the others.
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

/** How long the exit hooks of a class may take; the agent then waits a moment more for the worker to say so. */
export const EXIT_HOOKS_GRACE_MS = 30_000;
/** How long running inputs have when their host ends a container, before its exit hooks run. */
export const HOST_STOP_INPUTS_MS = 10_000;

export const workerCommandSchema = z.discriminatedUnion("type", [
  /**
   * Import this module, which most code imports: there is time until it is known what to load. Comes before `load`, if at
   * all, and to workers of Node only; nothing answers it.
   */
  z.object({ type: z.literal("preload"), path: z.string() }),
  /** It is kept ready: do with the SDK at this path once what a start does. Like `preload`, nothing answers it. */
  z.object({ type: z.literal("rehearse"), sdkPath: z.string() }),
  /**
   * Import the file at this path (a bundle's module; of a Python function its file), find the function by its name, run
   * its enter hooks.
   */
  z.object({
    type: z.literal("load"),
    bundlePath: z.string(),
    functionName: z.string(),
    slots: z.int().check(z.minimum(1)),
    /** Each `run` is one batch: it takes one slot, and the function gets its inputs at once, a list for each argument. */
    batched: z.boolean(),
    /** What the code sees around it: where it is deployed, as which app, and the variables of its `env` option. */
    environment: z.string(),
    appName: z.string(),
    env: z.record(z.string(), z.string()),
    /** How the code calls other functions: as this container. */
    connection: z.object({ url: z.string(), token: z.string() }),
    /** What a class is constructed with. */
    parameters: z.nullable(bytes),
  }),
  z.object({ type: z.literal("run"), inputs: inputsByCall }),
  z.object({ type: z.literal("recall"), attempts: attemptRefs }),
  z.object({ type: z.literal("cancel"), attempts: attemptRefs }),
  /** The caller of a generator has its first `received` values. What must be sent again, the agent has kept. */
  z.object({ type: z.literal("take"), attempt: attemptRef, received: index }),
  /** Run the exit hooks of a class, for at most `EXIT_HOOKS_GRACE_MS`, then exit with status 0. */
  z.object({ type: z.literal("exit") }),
]);
export type WorkerCommand = z.infer<typeof workerCommandSchema>;

export const workerFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("loaded"), importMs: z.number(), enterMs: z.number() }),
  z.object({ type: z.literal("loadFailed"), error: errorDataSchema }),
  z.object({ type: z.literal("outputs"), outputs: outputsByCall }),
  z.object({ type: z.literal("yields"), attempt: attemptRef, firstSeq: index, values: bytesList }),
  z.object({ type: z.literal("returned"), attempts: attemptRefs }),
  z.object({ type: z.literal("logs"), lines: z.array(logItem) }),
  /**
   * The last frame before the worker ends by itself: an error escaped from user code where nothing could catch it.
   * `ofInput`: it is known which input's code it was, and that one has its output; the others are not to blame.
   */
  z.object({ type: z.literal("crashed"), error: errorDataSchema, ofInput: z.boolean() }),
]);
export type WorkerFrame = z.infer<typeof workerFrameSchema>;
