/** Performs what the core asks for. Nothing is decided here. */
import { errorData } from "@bellows/protocol/errors";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import type { CoreEvent, Effect } from "../core/events.ts";
import type { Fact, FactReader } from "../journal/facts.ts";
import type { FunctionMeter } from "../metering/function-meter.ts";
import type { Logger } from "../telemetry/logger.ts";
import { endCall, endInput } from "./call-ends.ts";
import type { CallTable } from "./call-table.ts";
import type { Fleet } from "./fleet.ts";
import type { Streams } from "./streams.ts";

const READ_AGAIN_MS = 1_000;

/** What effects act on. */
interface ActingEngine {
  readonly functionId: string;
  readonly record: Pick<FunctionRecord, "settings">;
  readonly meter: FunctionMeter;
  readonly calls: CallTable;
  readonly streams: Streams;
  readonly fleet: Fleet;
  readonly isClosing: boolean;
  feed(events: CoreEvent[]): void;
  append(fact: Fact, committed?: () => void): void;
  wakeAt(atMs: number): void;
}

interface Deps {
  reader: Pick<FactReader, "inputsWithoutOutput">;
  log: Logger;
}

export function performEffect(engine: ActingEngine, effect: Effect, deps: Deps): void {
  const { fleet } = engine;
  switch (effect.type) {
    case "run":
      // Of a batched function each is one batch.
      if (engine.record.settings.batched) engine.meter.batch(inputCount(effect.inputs));
      return void fleet.send(effect.containerId, { type: "run", inputs: effect.inputs });
    case "recall":
      return void fleet.send(effect.containerId, { type: "recall", attempts: effect.attempts });
    case "cancelAttempts":
      return void fleet.send(effect.containerId, { type: "cancel", attempts: effect.attempts });
    case "startContainers":
      return fleet.start(effect.count, effect.deploymentId);
    case "awaitGpus":
      return fleet.gpus.await(effect.count);
    case "drain":
      return fleet.drain(effect.containerId, effect.reason);
    case "kill":
      return fleet.kill(effect.containerId, effect.reason);
    case "output":
      engine.meter.ended(effect.output);
      return endInput(engine, effect.output);
    case "attemptFailed":
      if (effect.startedAtMs !== null) engine.meter.ran(effect.startedAtMs, effect.finishedAtMs);
      return engine.append(effect);
    case "load":
      return void load(engine, effect, deps);
    case "callFinished":
      engine.streams.over(effect.callId);
      return endCall(engine, effect);
    case "decided":
      return engine.append({ ...effect.decision, type: "decision", functionId: engine.functionId });
    case "wake":
      return engine.wakeAt(effect.atMs);
    default:
      effect satisfies never;
  }
}

function inputCount(inputs: Extract<Effect, { type: "run" }>["inputs"]): number {
  return inputs.reduce((sum, [, items]) => sum + items.length, 0);
}

async function load(engine: ActingEngine, effect: Extract<Effect, { type: "load" }>, deps: Deps): Promise<void> {
  const { callId, fromIndex, limit } = effect;
  try {
    const { inputs, nextIndex, finished } = await deps.reader.inputsWithoutOutput(callId, fromIndex, limit);
    engine.feed([{ type: "inputsLoaded", callId, inputs, nextIndex, finished }]);
  } catch (error) {
    deps.log.warn({ callId, error: errorData(error).message }, "stored inputs could not be read; trying again");
    if (!engine.isClosing) setTimeout(() => void load(engine, effect, deps), READ_AGAIN_MS).unref();
  }
}
