/**
 * Everything on its way to the orchestrator, in an order that can be relied on: the news of an attempt's end comes after
 * every value it yielded. Outputs and yields survive a cut and are offered again; what a cut swallows of the other
 * frames, the next `hello` says by what it does not list.
 */
import type { AgentFrame } from "@bellows/protocol/agent-frames";
import type { AttemptRef, LogItem, OutputItem } from "@bellows/protocol/frame-parts";
import { nowMs } from "./clock.ts";
import type { Link } from "./link.ts";
import { LogBuffer } from "./logs.ts";
import { type Mask, maskOf } from "./mask.ts";
import { Outbox } from "./outbox.ts";
import { Streams, type StreamValues } from "./streams.ts";

export class Outgoing {
  readonly #link: Pick<Link, "wake" | "wakeIdly">;
  readonly #streams = new Streams();
  readonly #outbox = new Outbox();
  readonly #logs = new LogBuffer();
  #notices: AgentFrame[] = [];
  #mask: Mask = maskOf([]);

  constructor(link: Pick<Link, "wake" | "wakeIdly">) {
    this.#link = link;
  }

  /** Whether every output is stored. */
  get isStored(): boolean {
    return this.#outbox.size === 0;
  }

  /** The attempts whose outputs are not stored yet. */
  refs(): AttemptRef[] {
    return this.#outbox.refs();
  }

  notify(frame: AgentFrame): void {
    this.#notices.push(frame);
    this.#link.wake();
  }

  /** Inputs may have begun. What ends within a moment is never reported as begun: its output says enough. */
  begun(): void {
    this.#link.wakeIdly();
  }

  /** From now on this is done to every line that is logged. */
  mask(mask: Mask): void {
    this.#mask = mask;
  }

  log(lines: readonly LogItem[]): void {
    const atMs = nowMs();
    for (const line of this.#mask(lines)) this.#logs.add(line, atMs);
    this.#link.wake();
  }

  yielded(values: StreamValues): void {
    this.#streams.add(values);
    this.#link.wake();
  }

  /** The caller of this attempt has its first `received` values; with `resend` it may lack some of the others. */
  taken(attempt: AttemptRef, received: number, resend: boolean): void {
    this.#streams.take(attempt, received, resend);
    if (this.#streams.hasUnsent) this.#link.wake();
  }

  /** Whether its caller may have seen a part of what this attempt yields. */
  hasYielded(attempt: AttemptRef): boolean {
    return this.#streams.knows(attempt);
  }

  /** An attempt has ended like this. */
  end(callId: string, item: OutputItem): void {
    this.#outbox.add(callId, item);
    this.#link.wake();
  }

  /** The outputs up to this number are stored. */
  acknowledge(seq: number): void {
    this.#streams.settle(this.#outbox.acknowledge(seq), nowMs());
  }

  /** The link is new. */
  rewind(): void {
    this.#outbox.rewind();
    this.#streams.rewind();
  }

  /** The next frames, `started` among them if there are any; nothing when nothing waits. */
  take(started: AttemptRef[]): AgentFrame[] {
    const frames = this.#takeNotices(this.#streams.hasUnsent);
    if (started.length > 0) frames.push({ type: "started", attempts: started });
    const atMs = nowMs();
    const lines = this.#logs.take(atMs);
    if (lines.length > 0) frames.push({ type: "logs", lines });
    if (this.#streams.hasUnsent) frames.push(...this.#streams.next());
    if (this.#streams.hasUnsent) return frames;
    if (this.#notices.length > 0) frames.push(...this.#takeNotices(false));
    this.#streams.prune(atMs);
    const outputs = this.#outbox.take();
    if (outputs) frames.push({ type: "outputs", ...outputs });
    return frames;
  }

  #takeNotices(beforeLoss: boolean): AgentFrame[] {
    const loss = beforeLoss ? this.#notices.findIndex(({ type }) => type === "lost") : -1;
    const taken = this.#notices.splice(0, loss === -1 ? this.#notices.length : loss);
    for (const frame of taken) if (frame.type === "lost") this.#streams.forget(frame.attempts);
    return taken;
  }
}
