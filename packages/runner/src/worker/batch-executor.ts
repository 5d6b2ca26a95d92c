/**
 * Runs batches: each is what came in one frame, takes one slot, and its inputs begin together. The handler gets a list
 * for each argument and returns a list of results in the order of the inputs. Their ends are written together, and
 * before the next batch begins; the agent relies on it to know what has begun (`worker-frames.ts`).
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import { listsOf, refuseArguments, resultsOfBatch } from "@bellows/protocol/batches";
import type { ErrorData } from "@bellows/protocol/errors";
import {
  type AttemptRef,
  addOfCall,
  type InputItem,
  type OfCall,
  type OutputItem,
} from "@bellows/protocol/frame-parts";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";
import { decodeArguments } from "./arguments.ts";
import { cancelled, cancelledUnbegun, type End, endOfError, endOfThrown, endOfValue, thrownData } from "./ends.ts";
import type { InputsExecutor } from "./executor.ts";
import type { BatchInvocation } from "./invocation.ts";
import { type BatchMember, RunningBatch } from "./running-batch.ts";
import { type InputOfCall, keyOf, type Running, refOf } from "./running-input.ts";

/** A block of frames tells its length in 32 bits: values that are larger together are written in several. */
const FRAME_BYTES = 256 * 1024 * 1024;

export interface BatchExecutorOptions {
  invocation: BatchInvocation;
  slots: number;
  write: (...frames: WorkerFrame[]) => void;
  /** Called when a batch has ended, before its outputs are written: what it printed last belongs before that. */
  beforeEnd: (running: Running) => void;
}

export class BatchExecutor implements InputsExecutor {
  readonly #options: BatchExecutorOptions;
  readonly #current: AsyncLocalStorage<Running>;
  readonly #running = new Set<RunningBatch>();
  #queue: InputOfCall[][] = [];
  #failed = false;

  constructor(options: BatchExecutorOptions, current: AsyncLocalStorage<Running>) {
    this.#options = options;
    this.#current = current;
  }

  run(inputs: readonly OfCall<InputItem>[]): void {
    this.#queue.push(inputs.flatMap(([callId, items]) => items.map((item) => ({ callId, item }))));
    this.#pump();
  }

  recall(attempts: readonly AttemptRef[]): void {
    const recalled = this.#takeQueued(new Set(attempts.map(keyOf))).map(refOf);
    if (recalled.length > 0) this.#options.write({ type: "returned", attempts: recalled });
  }

  /** Those beside which others of their batch are waited for end here; when they are all that is left, its signal fires. */
  cancel(attempts: readonly AttemptRef[]): void {
    const named = new Set(attempts.map(keyOf));
    this.#write(this.#takeQueued(named).map((input) => outputOf(input, cancelledUnbegun(), Date.now())));
    for (const batch of this.#running) {
      const waitedFor = batch.members.filter(({ ended }) => !ended);
      const unwanted = waitedFor.filter((member) => named.has(keyOf(refOf(member))));
      if (unwanted.length === waitedFor.length) this.#current.run(batch, () => batch.cancel());
      else this.#drop(batch, unwanted);
    }
  }

  fail(running: Running, error: ErrorData): void {
    this.#failed = true;
    if (running instanceof RunningBatch) this.#finish(running, () => endOfError(error));
  }

  /** The others go on, and the results of these are passed over. */
  #drop({ startedAtMs }: RunningBatch, members: readonly BatchMember[]): void {
    for (const member of members) member.ended = true;
    this.#write(members.map((member) => outputOf(member, cancelled(), Date.now(), startedAtMs)));
  }

  #takeQueued(attempts: ReadonlySet<string>): InputOfCall[] {
    const isTaken = (input: InputOfCall) => attempts.has(keyOf(refOf(input)));
    const taken = this.#queue.flatMap((batch) => batch.filter(isTaken));
    this.#queue = this.#queue.map((batch) => batch.filter((input) => !isTaken(input)));
    return taken;
  }

  #pump(): void {
    while (!this.#failed && this.#running.size < this.#options.slots) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#begin(next);
    }
  }

  /** An input whose arguments are not those of the handler ends by itself, and the others begin without it. */
  #begin(inputs: readonly InputOfCall[]): void {
    const members: BatchMember[] = [];
    const refused: OutputOfCall[] = [];
    for (const input of inputs) {
      try {
        members.push({ ...input, args: this.#argumentsOf(input), ended: false });
      } catch (thrown) {
        refused.push(outputOf(input, endOfError(thrownData(thrown)), Date.now()));
      }
    }
    this.#write(refused);
    const [first, ...others] = members;
    if (!first) return;
    const batch = new RunningBatch(first, others);
    this.#running.add(batch);
    this.#current.run(batch, () => {
      this.#ends(batch).then(
        (ends) => this.#finish(batch, (position) => ends[position] ?? endOfValue(undefined)),
        (thrown: unknown) => this.#finish(batch, () => endOfThrown(batch, thrown)),
      );
    });
  }

  /** @throws InvalidError; whatever decoding throws. */
  #argumentsOf({ item: [, , bytes] }: InputOfCall): unknown[] {
    const { argumentsOf, parameters } = this.#options.invocation;
    const args = argumentsOf(decodeArguments(bytes));
    refuseArguments(args.length, parameters);
    return args;
  }

  /** One end for each member, when the handler returns. A result may be a promise; a rejected one fails its input alone. */
  async #ends(batch: RunningBatch): Promise<End[]> {
    const { call, parameters } = this.#options.invocation;
    const args = batch.members.map((member) => member.args);
    const returned: unknown = await call(listsOf(args, parameters));
    const results = await Promise.allSettled(resultsOfBatch(returned, args.length));
    return results.map((result) =>
      result.status === "fulfilled" ? endOfValue(result.value) : endOfThrown(batch, result.reason),
    );
  }

  /** Ends what is left of the batch; the next one may begin. */
  #finish(batch: RunningBatch, endOf: (position: number) => End): void {
    if (batch.ended) return;
    batch.ended = true;
    this.#options.beforeEnd(batch);
    const finishedAtMs = Date.now();
    const outputs: OutputOfCall[] = [];
    for (const [position, member] of batch.members.entries()) {
      if (!member.ended) outputs.push(outputOf(member, endOf(position), finishedAtMs, batch.startedAtMs));
    }
    this.#write(outputs);
    this.#running.delete(batch);
    this.#pump();
  }

  #write(outputs: readonly OutputOfCall[]): void {
    let groups: OfCall<OutputItem>[] = [];
    let bytes = 0;
    for (const { callId, output } of outputs) {
      addOfCall(groups, callId, output);
      bytes += output[3].byteLength;
      if (bytes < FRAME_BYTES) continue;
      this.#options.write({ type: "outputs", outputs: groups });
      groups = [];
      bytes = 0;
    }
    if (groups.length > 0) this.#options.write({ type: "outputs", outputs: groups });
  }
}

interface OutputOfCall {
  callId: string;
  output: OutputItem;
}

function outputOf({ callId, item }: InputOfCall, end: End, finishedAtMs: number, startedAtMs = finishedAtMs) {
  const [index, attempt] = item;
  return { callId, output: [index, attempt, ...end, startedAtMs, finishedAtMs] satisfies OutputItem };
}
