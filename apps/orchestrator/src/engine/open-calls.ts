/** Which engine has a call that is not finished. A call whose engine is made again is the new one's from then on. */

export class OpenCalls<Engine> {
  readonly #engines = new Map<string, Engine>();

  of(callId: string): Engine | undefined {
    return this.#engines.get(callId);
  }

  list(callId: string, engine: Engine): void {
    this.#engines.set(callId, engine);
  }

  /** Not when the engine after this one has it by now. */
  unlist(callId: string, engine: Engine): void {
    if (this.#engines.get(callId) === engine) this.#engines.delete(callId);
  }
}
