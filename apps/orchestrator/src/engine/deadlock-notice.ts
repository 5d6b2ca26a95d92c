/** Says in the logs of a function that all its slots wait for calls of itself; once, until that is over. */
import type { ServerFrame } from "@bellows/protocol/client-frames";
import type { FunctionStats } from "@bellows/protocol/views";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import type { Fact } from "../journal/facts.ts";
import type { ContainerTable } from "./container-table.ts";

type LiveLogLine = Extract<ServerFrame, { type: "logs" }>["lines"][number];
export type PublishLogs = (appId: string, lines: LiveLogLine[]) => void;

interface NoticingEngine {
  readonly record: FunctionRecord;
  readonly stats: FunctionStats;
  readonly fleet: { containers: ContainerTable };
  now(): number;
  append(fact: Fact): void;
}

export class DeadlockNotice {
  readonly #engine: NoticingEngine;
  readonly #publish: PublishLogs;
  #said = false;

  constructor(engine: NoticingEngine, { publishLogs }: { publishLogs: PublishLogs }) {
    this.#engine = engine;
    this.#publish = publishLogs;
  }

  /** Looks at whether there is something to say. Call it about once a second. */
  look(): void {
    const { deadlock: text } = this.#engine.stats;
    if (text === null) this.#said = false;
    if (text === null || this.#said) return;
    const [container] = this.#engine.fleet.containers.values();
    if (!container) return;
    this.#said = true;
    const { functionId, appId, name } = this.#engine.record;
    const { containerId } = container;
    const atMs = this.#engine.now();
    const stream = "system";
    this.#engine.append({ type: "log", functionId, containerId, atMs, stream, callId: null, index: null, text });
    this.#publish(appId, [[name, atMs, stream, null, null, containerId, text]]);
  }
}
