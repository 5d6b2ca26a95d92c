/** What can be done with any call that is stored, whichever verb made it: the part that goes through the API. */
import type { CallView } from "@bellows/protocol/call-views";
import { InvalidError } from "@bellows/protocol/errors";
import { firstIdAt, idTimeMs, isId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import type { LogLineView } from "@bellows/protocol/views";
import type { Connection } from "./connection.ts";
import { refuseUnknown } from "./known-options.ts";
import type { GetOptions } from "./stored-outputs.ts";
import { storedOutput } from "./stored-outputs.ts";

export class StoredCall {
  readonly id: string;
  readonly connection: () => Connection;

  /** @throws InvalidError when the text is no id. */
  constructor(id: string, connection: () => Connection) {
    if (!isId(id)) {
      throw new InvalidError(`${JSON.stringify(id)} is not the id of a call; it is what \`spawn\` gave as \`id\``);
    }
    this.id = id;
    this.connection = connection;
  }

  async status(): Promise<CallView> {
    const api = await this.connection().api();
    return api.request((procedures) => procedures.calls.get.query({ id: this.id }));
  }

  async cancel(options: { terminateContainers?: boolean }): Promise<void> {
    refuseUnknown("cancel", options, ["terminateContainers"]);
    const { terminateContainers = false } = options;
    const api = await this.connection().api();
    await api.request((procedures) => procedures.calls.cancel.mutate({ id: this.id, terminateContainers }));
  }

  async retryFailed(): Promise<{ retried: number }> {
    const api = await this.connection().api();
    return api.request((procedures) => procedures.calls.retry.mutate({ id: this.id }));
  }

  async get<Result>(index: number, options: GetOptions): Promise<Result> {
    if (!Number.isSafeInteger(index) || index < 0) {
      throw new InvalidError(`${String(index)} is not the index of an input; inputs are counted from 0`);
    }
    refuseUnknown("get", options, ["timeout", "signal"]);
    const place = { connection: this.connection(), callId: this.id, index };
    return storedOutput<Result>(place, options, () => this.#hasOutput(index));
  }

  /** The lines so far, oldest first. */
  async *logs(): AsyncGenerator<LogLineView, undefined> {
    const api = await this.connection().api();
    // The clock of the machine that made the id may differ from that of the one that logs.
    let after = firstIdAt(idTimeMs(this.id) - LIMITS.callIdSkewMs);
    for (;;) {
      const from = { callId: this.id, after, limit: LIMITS.pageRows };
      const page = await api.request((procedures) => procedures.logs.list.query(from));
      yield* page.items;
      const last = page.items.at(-1);
      if (!last || page.items.length < LIMITS.pageRows) return undefined;
      after = last.id;
    }
  }

  async #hasOutput(index: number): Promise<boolean> {
    const api = await this.connection().api();
    const input = await api.request((procedures) => procedures.calls.input.query({ callId: this.id, index }));
    return input.state in OUTPUT_STATUS;
  }
}
