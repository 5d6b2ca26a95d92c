/**
 * One call on one client's link, between its `open` and its end. Opening may have to ask Postgres (an idempotency
 * key, a resumed call); what the client sends meanwhile waits its turn here, in order. After a refusal, or when the
 * link is gone, the rest of the call's frames are dropped.
 */
import type { ClientFrame, ServerFrame } from "@bellows/protocol/client-frames";
import { CancelledError, ConflictError, errorData, LimitExceededError } from "@bellows/protocol/errors";
import { CALL_KINDS } from "@bellows/protocol/states";
import type { CallListener } from "../engine/call-listener.ts";
import type { LiveCallEntry } from "../engine/call-table.ts";
import type { EngineRegistry } from "../engine/engine-registry.ts";
import type { FunctionEngine } from "../engine/function-engine.ts";
import { readPatiently } from "../engine/read-patiently.ts";
import {
  refuseCallId,
  refuseEnvironment,
  refuseInputCount,
  refuseMethod,
  refuseTimeOf,
  refuseValues,
} from "./call-refusals.ts";
import type { FrameSocket } from "./frame-socket.ts";
import type { LinkCaller } from "./link-caller.ts";

type LaterFrame = Extract<ServerFrame, { type: "later" }>;

/** A map that a limit holds up tries again after this, where nothing better is known. */
const LATER_MS = 1_000;

interface Deps {
  engines: EngineRegistry;
  link: FrameSocket<ServerFrame>;
  listener: CallListener;
  caller: LinkCaller;
  refused: (call: OpenedCall, error: unknown) => void;
  /** A limit holds it up; nothing of it is open when the frame says so. */
  later: (call: OpenedCall, frame: LaterFrame) => void;
  now: () => number;
}

export class OpenedCall {
  readonly #frame: Extract<ClientFrame, { type: "open" }>;
  readonly #deps: Deps;
  /** The tail of what waits; undefined while everything can be done at once, which is the hot path. */
  #waiting: Promise<void> | undefined;
  #live: { engine: FunctionEngine; entry: LiveCallEntry } | undefined;
  #callId: string;
  /** It may still add inputs. */
  #feeds = false;
  #heard = false;
  /** Inputs that came too early for a limit, and those behind them, will come again. */
  #heldUp = false;
  /** The call closes when it has so many inputs: that was said before a limit had let them in. */
  #closeAt: number | null = null;
  /** Nothing more is done for it: it was refused, or the link is gone. */
  #over = false;

  constructor(frame: Extract<ClientFrame, { type: "open" }>, deps: Deps) {
    this.#frame = frame;
    this.#deps = deps;
    this.#callId = frame.callId;
  }

  /** The id that the client made. */
  get openedAs(): string {
    return this.#frame.callId;
  }

  /** The call it became: another one when the idempotency key had a call already. */
  get callId(): string {
    return this.#callId;
  }

  /** It neither adds inputs any more, nor are its outputs sent to this link without a watch. */
  get isDone(): boolean {
    return !this.#heard && !this.#feeds;
  }

  /** Runs `act` now, or after what is still waiting; an error refuses the call. */
  do(act: () => void | Promise<void>): void {
    if (this.#over) return;
    if (this.#waiting) return this.#waitFor(this.#waiting.then(() => (this.#over ? undefined : act())));
    try {
      const result = act();
      if (result) this.#waitFor(result);
    } catch (error) {
      this.refuse(error);
    }
  }

  open(): void | Promise<void> {
    const { callId, environment, idempotencyKey, resume } = this.#frame;
    refuseCallId(callId);
    refuseEnvironment(this.#deps.caller.scope, environment);
    const engine = this.#deps.engines.loaded(this.#frame);
    if (engine && idempotencyKey === null && !resume) return this.#openOn(engine);
    return this.#openSlowly();
  }

  addInputs(firstIndex: number, values: Uint8Array[]): void {
    if (!this.#live) return this.#stored(firstIndex, values.length);
    const { engine, entry } = this.#live;
    const end = firstIndex + values.length;
    if (end <= entry.received) return engine.whenCommitted(() => this.#stored(firstIndex, values.length));
    if (firstIndex > entry.received) {
      if (this.#heldUp) return;
      throw new ConflictError(
        `call ${this.#callId}: inputs from ${firstIndex} came where ${entry.received} was expected`,
      );
    }
    refuseInputCount(end);
    refuseValues(values);
    engine.intake.assertTakes(entry);
    const fresh = firstIndex === entry.received ? values : values.slice(entry.received - firstIndex);
    const { taken, held } = engine.admission.admitMore(entry, fresh.length);
    this.#heldUp = held !== null;
    const admitted = held ? fresh.slice(0, taken) : fresh;
    const count = entry.received + admitted.length - firstIndex;
    if (admitted.length > 0) {
      engine.intake.add(entry, admitted, {
        stored: () => this.#stored(firstIndex, count),
        refused: (error) => this.refuse(error),
      });
    }
    if (held) this.#deps.later(this, laterFrame(this.openedAs, entry.received, held));
    else if (this.#closeAt === entry.received) this.#closeNow(engine, entry);
  }

  close(inputCount: number): void {
    // It was closed before, in a call that exists already or is finished.
    if (!this.#live) return this.#closed(inputCount);
    const { engine, entry } = this.#live;
    if (this.#heldUp && inputCount > entry.received) {
      this.#closeAt = inputCount;
      return;
    }
    if (entry.received !== inputCount && !entry.cancelled) {
      throw new ConflictError(`call ${this.#callId} closed at ${inputCount} inputs, but ${entry.received} have come`);
    }
    this.#closeNow(engine, entry);
  }

  #closeNow(engine: FunctionEngine, entry: LiveCallEntry): void {
    engine.intake.close(entry);
    if (!entry.sync) engine.whenCommitted(() => this.#closed(entry.received));
    this.#detach();
  }

  /** Ends it before anything of it exists; false when something of it may. */
  cancelOpening(): boolean {
    const { resume, idempotencyKey } = this.#frame;
    if (!this.#waiting || this.#live || resume || idempotencyKey !== null) return false;
    this.refuse(new CancelledError(`call ${this.#callId} was cancelled before it was open`));
    return true;
  }

  /** The link wants no more outputs without a watch. */
  unlisten(): void {
    if (this.#heard) this.#live?.entry.audience.unlisten(this.#deps.listener, this.#deps.now());
    this.#heard = false;
  }

  /** The link has nothing more to do with it. The call goes on. */
  leave(): void {
    this.#over = true;
    this.unlisten();
    this.#detach();
    this.#live = undefined;
  }

  refuse(error: unknown): void {
    if (this.#over) return;
    const live = this.#live;
    this.leave();
    live?.engine.intake.cancel(this.#callId, { terminateContainers: false });
    const { kind } = this.#frame;
    const isMap = CALL_KINDS[kind].manyInputs && CALL_KINDS[kind].queueClass === "sync";
    if (!live && isMap && error instanceof LimitExceededError && error.retryAfterMs !== null) {
      return this.#deps.later(this, laterFrame(this.openedAs, null, error));
    }
    this.#deps.refused(this, error);
  }

  async #openSlowly(): Promise<void> {
    const { callId, idempotencyKey, resume } = this.#frame;
    const gone = (): boolean => this.#over;
    const by = { isContainer: this.#deps.caller.scope !== null };
    const engine = await readPatiently(() => this.#deps.engines.named(this.#frame, by), gone);
    if (resume && (await readPatiently(() => engine.intake.knows(callId), gone))) return this.#attach(engine);
    if (idempotencyKey === null) return this.#openOn(engine);
    const open = (): void => this.#openOn(engine);
    const existing = await readPatiently(() => engine.intake.callOfKey(idempotencyKey, callId, open), gone);
    if (existing === callId || this.#over) return;
    this.#callId = existing;
    // Who made it was gone before its inputs came: these take their place.
    const entry = engine.calls.get(existing);
    if (entry && !entry.closed && entry.received === 0 && entry.audience.feeders === 0) this.#feed(engine, entry);
    this.#opened(engine);
  }

  /** The call exists: the link may go on adding to it, unless it is finished. Its outputs are asked for with a watch. */
  #attach(engine: FunctionEngine): void {
    if (this.#over) return;
    const { inputCount } = this.#frame;
    refuseInputCount(inputCount);
    const entry = engine.calls.get(this.#callId);
    if (entry) {
      engine.intake.resume(entry, inputCount);
      this.#feed(engine, entry);
    }
    this.#opened(engine);
  }

  #openOn(engine: FunctionEngine): void {
    // Nobody would hear of it; the client opens it again on its next link, or is gone.
    if (this.#over) throw new CancelledError("the link was closed before the call was opened");
    const { callId, kind, inputCount, idempotencyKey, resume } = this.#frame;
    const { link, engines, caller } = this.#deps;
    refuseInputCount(inputCount);
    refuseTimeOf(callId, this.#deps.now());
    refuseMethod(engine.record, this.#frame.method);
    const parent = engines.parentOf(caller.principal, this.#frame.parent);
    const rateKey = engines.rateKeyOf(caller.principal);
    const opened = (): void => link.send({ type: "opened", callId, existingCallId: callId });
    const entry = engine.intake.open(
      { callId, kind, inputCount, idempotencyKey, parent, rateKey },
      {
        stored() {
          if (!entry.sync) opened();
        },
        refused: (error) => this.refuse(error),
      },
    );
    this.#feed(engine, entry);
    if (!entry.sync) return;
    if (!resume) {
      this.#heard = true;
      entry.audience.listen(this.#deps.listener);
    }
    opened();
  }

  #feed(engine: FunctionEngine, entry: LiveCallEntry): void {
    this.#live = { engine, entry };
    this.#feeds = true;
    entry.audience.attachFeeder();
  }

  #detach(): void {
    if (this.#feeds) this.#live?.entry.audience.detachFeeder(this.#deps.now());
    this.#feeds = false;
  }

  #opened(engine: FunctionEngine): void {
    const { callId } = this.#frame;
    engine.whenCommitted(() => this.#deps.link.send({ type: "opened", callId, existingCallId: this.#callId }));
  }

  #stored(firstIndex: number, count: number): void {
    this.#deps.link.send({ type: "stored", callId: this.#frame.callId, firstIndex, count });
  }

  #closed(inputCount: number): void {
    this.#deps.link.send({ type: "closed", callId: this.#frame.callId, inputCount });
  }

  #waitFor(work: Promise<void>): void {
    const waiting: Promise<void> = work
      .catch((error: unknown) => this.refuse(error))
      .then(() => {
        if (this.#waiting === waiting) this.#waiting = undefined;
      });
    this.#waiting = waiting;
  }
}

function laterFrame(callId: string, fromIndex: number | null, error: LimitExceededError): LaterFrame {
  const retryAfterMs = error.retryAfterMs ?? LATER_MS;
  return { type: "later", callId, fromIndex, retryAfterMs, error: errorData(error) };
}
