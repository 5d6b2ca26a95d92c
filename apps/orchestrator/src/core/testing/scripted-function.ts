/** One function driven by hand in tests: says what happens and looks at what the core asks for. */
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { ErrorData } from "@bellows/protocol/errors";
import { type AttemptRef, refsOf } from "@bellows/protocol/frame-parts";
import { type FunctionOptions, parseFunctionOptions } from "@bellows/protocol/function-options";
import { type CallKind, OUTPUT_STATUS, type OutputStatus } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { CoreEvent, Effect, InputOutput, ParentInput } from "../events.ts";
import { createFunctionCore, step, stepMany } from "../function-core.ts";
import type { FunctionCore } from "../state.ts";

export const DEPLOYMENT = "deployment-1";
const RESULT = encodeValue("ok");
export const NONE: CallCounts = { succeeded: 0, failed: 0, cancelled: 0 };

export class ScriptedFunction {
  nowMs = 1_000_000;
  readonly core: FunctionCore;
  /** What the last step asked for. */
  effects: Effect[] = [];
  readonly outputs: InputOutput[] = [];

  constructor(options: FunctionOptions = {}, init: { recovering?: boolean } = {}) {
    this.core = createFunctionCore({
      settings: parseFunctionOptions(options),
      deploymentId: DEPLOYMENT,
      recovering: init.recovering ?? false,
      environmentCap: 100,
    });
  }

  step(...events: CoreEvent[]): Effect[] {
    const [only] = events;
    this.effects =
      events.length === 1 && only ? step(this.core, only, this.nowMs) : stepMany(this.core, events, this.nowMs);
    for (const effect of this.effects) if (effect.type === "output") this.outputs.push(effect.output);
    return this.effects;
  }

  /** Lets time pass, with the tick that the engine sends each second and at the end. */
  pass(ms: number): Effect[] {
    const all: Effect[] = [];
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + 1_000);
      all.push(...this.step({ type: "tick" }));
    }
    this.effects = all;
    return all;
  }

  of<T extends Effect["type"]>(type: T): Extract<Effect, { type: T }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
  }

  /** What the last step handed over, as `container call:index#attempt`. */
  get runs(): string[] {
    return this.of("run").flatMap(({ containerId, inputs }) =>
      refsOf(inputs).map(([callId, index, attempt]) => `${containerId} ${callId}:${index}#${attempt}`),
    );
  }

  open(
    callId: string,
    kind: CallKind,
    init: { inputCount?: number; storedCount?: number; counts?: CallCounts; parent?: ParentInput } = {},
  ): void {
    this.step({
      type: "callOpened",
      callId,
      kind,
      inputCount: init.inputCount ?? null,
      storedCount: init.storedCount ?? 0,
      counts: init.counts ?? NONE,
      parent: init.parent ?? null,
    });
  }

  give(callId: string, first: number, count: number): Effect[] {
    return this.step({ type: "inputsArrived", callId, inputs: inputs(first, count) });
  }

  /** A closed call with this many inputs in memory. */
  call(callId: string, kind: CallKind, count: number): Effect[] {
    this.open(callId, kind, { inputCount: count });
    return this.give(callId, 0, count);
  }

  starting(containerId: string): Effect[] {
    return this.step({ type: "containerStarting", containerId, deploymentId: DEPLOYMENT });
  }

  ready(containerId: string, slots = 1, held: AttemptRef[] = []): Effect[] {
    if (!this.core.containers.has(containerId)) this.starting(containerId);
    return this.step({ type: "containerReady", containerId, slots, startMs: 1, held });
  }

  end(
    containerId: string,
    attempt: AttemptRef,
    how: { status?: OutputStatus; error?: ErrorData; runMs?: number } = {},
  ) {
    return this.step(this.ended(containerId, attempt, how));
  }

  ended(
    containerId: string,
    attempt: AttemptRef,
    how: { status?: OutputStatus; error?: ErrorData; runMs?: number } = {},
  ): CoreEvent {
    const [callId, ...item] = attempt;
    const status = how.status ?? (how.error ? OUTPUT_STATUS.failed : OUTPUT_STATUS.succeeded);
    const payload = how.error ? encodeValue(how.error) : RESULT;
    const startedAtMs = this.nowMs - (how.runMs ?? 100);
    return {
      type: "attemptsEnded",
      containerId,
      outputs: [[callId, [[...item, status, payload, startedAtMs, this.nowMs]]]],
    };
  }

  /** Says that attempts of this length have ended, so that the core knows the execution time. */
  measured(runMs: number): void {
    this.core.runMs = runMs;
  }
}

export function inputs(first: number, count: number) {
  return Array.from({ length: count }, (_, offset) => ({
    index: first + offset,
    value: encodeValue([first + offset]),
    failedAttempts: 0,
    lostAttempts: 0,
    lastAttempt: 0,
  }));
}

export const THROWN: ErrorData = { code: "REMOTE", name: "Error", message: "thrown by the test" };
