/**
 * One call on one client's link, between its `open` and its end. Opening may have to ask Postgres (an idempotency
 * key, a resumed call); what the client sends meanwhile waits its turn here, in order. After a refusal the rest of
 * the call's frames are dropped.
 */

import type { ClientFrame, ServerFrame } from "@bellows/protocol/client-frames";
import { ConflictError, errorData, InvalidError, LimitExceededError } from "@bellows/protocol/errors";
import { idTimeMs, isId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import type { CallListener } from "../engine/call-listener.ts";
import type { LiveCallEntry } from "../engine/call-table.ts";
import type { EngineRegistry } from "../engine/engine-registry.ts";
import type { FunctionEngine } from "../engine/function-engine.ts";
import type { FrameSocket } from "./frame-socket.ts";

interface Deps {
  engines: EngineRegistry;
  link: FrameSocket<ServerFrame>;
  listener: CallListener;
  now: () => number;
}

export class OpenedCall {
  readonly #frame: Extract<ClientFrame, { type: "open" }>;
  readonly #deps: Deps;
  /** The tail of what waits; undefined while everything can be done at once, which is the hot path. */
  #waiting: Promise<void> | undefined;
  #live: { engine: FunctionEngine; entry: LiveCallEntry } | undefined;
  /** The call whose outputs this link gets: another one when the idempotency key had a call already. */
  #callId: string;
  #refused = false;
  #left = false;
  #stopWatch: (() => void) | undefined;

  constructor(frame: Extract<ClientFrame, { type: "open" }>, deps: Deps) {
    this.#frame = frame;
    this.#deps = deps;
    this.#callId = frame.callId;
  }

  /** Runs `act` now, or after what is still waiting; an error refuses the call. */
  do(act: () => void | Promise<void>): void {
    if (this.#waiting) return this.#waitFor(this.#waiting.then(() => (this.#refused ? undefined : act())));
    if (this.#refused) return;
    try {
      const result = act();
      if (result) this.#waitFor(result);
    } catch (error) {
      this.#refuse(error);
    }
  }

  open(): void | Promise<void> {
    const { callId, environment, app, function: name, idempotencyKey, resume } = this.#frame;
    if (!isId(callId)) throw new InvalidError(`${callId} is not a call id; a call id is a UUIDv7`);
    const engine = this.#deps.engines.loaded(environment, app, name);
    if (engine && idempotencyKey === null && !resume) return this.#openOn(engine);
    return this.#openSlowly();
  }

  addInputs(firstIndex: number, values: Uint8Array[]): void {
    if (!this.#live) return this.#stored(firstIndex, values.length);
    const { engine, entry } = this.#live;
    const end = firstIndex + values.length;
    if (end <= entry.received) return engine.whenCommitted(() => this.#stored(firstIndex, values.length));
    if (firstIndex !== entry.received) {
      throw new ConflictError(
        `call ${this.#callId}: inputs from ${firstIndex} came where ${entry.received} was expected`,
      );
    }
    if (end > LIMITS.inputsPerCall) throw tooManyInputs(end);
    const oversized = values.find((value) => value.byteLength > LIMITS.valueBytes);
    if (oversized)
      throw new InvalidError(`an input of ${oversized.byteLength} bytes is above the limit of ${LIMITS.valueBytes}`);
    engine.addInputs(entry, values, () => this.#stored(firstIndex, values.length));
  }

  close(inputCount: number): void {
    if (!this.#live) return;
    const { engine, entry } = this.#live;
    if (entry.received !== inputCount) {
      throw new ConflictError(`call ${this.#callId} closed at ${inputCount} inputs, but ${entry.received} have come`);
    }
    engine.closeCall(entry, inputCount);
  }

  async watch(fromIndex: number): Promise<void> {
    this.#stopWatch?.();
    if (this.#live) this.#live.engine.unlisten(this.#live.entry, this.#deps.listener);
    const stop = await this.#deps.engines.watch(this.#callId, fromIndex, this.#deps.listener);
    if (this.#left) stop();
    else this.#stopWatch = stop;
  }

  /** The link is gone, or wants no more outputs. The call goes on. */
  leave(): void {
    this.#left = true;
    this.#stopWatch?.();
    if (this.#live) this.#live.engine.unlisten(this.#live.entry, this.#deps.listener);
  }

  async #openSlowly(): Promise<void> {
    const { callId, environment, app, function: name, idempotencyKey, resume } = this.#frame;
    const engine = await this.#deps.engines.named(environment, app, name);
    const existing = resume
      ? await engine.findCall(callId)
      : idempotencyKey === null
        ? undefined
        : await engine.findByKey(idempotencyKey);
    if (existing === undefined) return this.#openOn(engine);
    this.#callId = existing;
    const entry = engine.calls.get(existing);
    if (entry) this.#live = resume ? { engine, entry } : undefined;
    this.#deps.link.send({ type: "opened", callId, existingCallId: existing });
  }

  #openOn(engine: FunctionEngine): void {
    const { callId, kind, idempotencyKey } = this.#frame;
    const skewMs = Math.abs(this.#deps.now() - idTimeMs(callId));
    if (skewMs > LIMITS.callIdSkewMs) {
      throw new InvalidError(
        `the time in call id ${callId} is ${Math.round(skewMs / 1000)} s from the server's; set this machine's clock`,
      );
    }
    if (engine.calls.get(callId))
      throw new ConflictError(`call ${callId} exists already; make a new id for a new call`);
    const opened = (): void => this.#deps.link.send({ type: "opened", callId, existingCallId: callId });
    const entry = engine.openCall({ callId, kind, idempotencyKey }, () => {
      if (!entry.sync) opened();
    });
    this.#live = { engine, entry };
    if (!entry.sync) return;
    engine.listen(entry, this.#deps.listener);
    opened();
  }

  #stored(firstIndex: number, count: number): void {
    this.#deps.link.send({ type: "stored", callId: this.#frame.callId, firstIndex, count });
  }

  #waitFor(work: Promise<void>): void {
    const waiting: Promise<void> = work
      .catch((error: unknown) => this.#refuse(error))
      .then(() => {
        if (this.#waiting === waiting) this.#waiting = undefined;
      });
    this.#waiting = waiting;
  }

  #refuse(error: unknown): void {
    if (this.#refused) return;
    this.#refused = true;
    if (this.#live) {
      this.#live.engine.unlisten(this.#live.entry, this.#deps.listener);
      this.#live.engine.cancelCall(this.#callId, { terminateContainers: false });
    }
    this.#deps.link.send({ type: "refused", callId: this.#frame.callId, error: errorData(error) });
  }
}

function tooManyInputs(current: number): LimitExceededError {
  const max = LIMITS.inputsPerCall;
  return new LimitExceededError(
    `a call holds at most ${max.toLocaleString("en")} inputs; split the work into several calls`,
    { details: { limit: "inputsPerCall", max, current, retryAfterMs: null } },
  );
}
