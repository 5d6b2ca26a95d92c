/**
 * The ends of inputs and calls: stored, and told to who listens. A sync caller is told at once, an async one when it is
 * stored: what it has seen never changes again.
 */
import type { Effect, InputOutput } from "../core/events.ts";
import type { Fact } from "../journal/facts.ts";
import type { CallEnd } from "./call-listener.ts";
import type { CallTable } from "./call-table.ts";

interface EndingEngine {
  readonly calls: CallTable;
  append(fact: Fact, committed?: () => void): void;
}

export function endInput(engine: EndingEngine, output: InputOutput): void {
  const { calls } = engine;
  const { callId, index, status, payload, attempts, containerId } = output;
  const entry = calls.get(callId);
  const fact: Fact = { type: "output", ...output };
  if (entry) calls.inputEnded(entry);
  if (!entry?.audience.awaits(index)) return engine.append(fact);
  const deliver = (): void => entry.audience.output([index, status, payload, attempts ?? 1, containerId]);
  if (entry.sync) deliver();
  engine.append(fact, entry.sync ? undefined : deliver);
}

export function endCall(engine: EndingEngine, effect: Extract<Effect, { type: "callFinished" }>): void {
  const { calls } = engine;
  const { callId, state, counts, inputCount, finishedAtMs } = effect;
  const end: CallEnd = { state, inputCount, counts };
  const finish = (): void => calls.finish(callId, end);
  const sync = calls.get(callId)?.sync ?? false;
  engine.append({ type: "callFinished", callId, state, counts, finishedAtMs }, sync ? undefined : finish);
  if (sync) finish();
}
