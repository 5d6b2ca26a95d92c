/** Whether an engine still has its function, and what is said to whoever wants something of it when it has not. */
import { ConflictError, ConnectionError } from "@bellows/protocol/errors";
import type { FunctionRecord } from "../catalog/function-directory.ts";

export class EngineStanding {
  /** The orchestrator shuts down: nothing is started any more. */
  closing = false;
  /** The function is somebody else's: nothing is told to the core any more, and nothing acknowledged. */
  released = false;
  /** The function is in no running app any more: nothing new is taken. */
  retired = false;
  readonly #record: () => Pick<FunctionRecord, "name" | "appName">;

  constructor(record: () => Pick<FunctionRecord, "name" | "appName">) {
    this.#record = record;
  }

  /** @throws ConnectionError, ConflictError when no call can be taken. */
  assertOpen(): void {
    if (this.released) throw this.elsewhere();
    if (this.retired)
      throw new ConflictError(`${this.#title} is not deployed any more; deploy the app again to call it`);
  }

  elsewhere(): ConnectionError {
    return new ConnectionError(`${this.#title} is no longer run by this orchestrator; try again`);
  }

  get #title(): string {
    const { name, appName } = this.#record();
    return `function "${name}" of app "${appName}"`;
  }
}
