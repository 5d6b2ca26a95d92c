/**
 * One question for outputs of a call, as its link sees it. It is asked again after a cut until its answer has come;
 * what it answers is gapless, so whoever reads page after page loses and doubles nothing. Pure, like `LinkCall`.
 */
import type { ClientFrame, ServerFrame } from "@bellows/protocol/client-frames";
import { InternalError } from "@bellows/protocol/errors";
import type { LinkEntry } from "./link-call.ts";

type PageFrame = Extract<ServerFrame, { type: "page" }>;
export type OutputPage = Pick<PageFrame, "outputs" | "end">;

export interface ReadQuestion {
  callId: string;
  fromIndex: number;
  /** At most so many outputs. */
  limit: number;
}

export class LinkRead implements LinkEntry {
  readonly requestId: number;
  readonly #question: ReadQuestion;
  #due = true;
  #asked = false;

  constructor(requestId: number, question: ReadQuestion) {
    this.requestId = requestId;
    this.#question = question;
  }

  /** The other side of this connection knows of the question. */
  get asked(): boolean {
    return this.#asked;
  }

  take(): ClientFrame[] {
    if (!this.#due) return [];
    this.#due = false;
    this.#asked = true;
    return [{ type: "read", requestId: this.requestId, ...this.#question }];
  }

  relink(): void {
    this.#due = true;
    this.#asked = false;
  }

  /** Set when the answer is not to this question: results would be lost or told as others'. */
  defectOf({ outputs, end }: OutputPage): InternalError | undefined {
    const { fromIndex, limit } = this.#question;
    const gapless = outputs.length <= limit && outputs.every(([index], at) => index === fromIndex + at);
    if (gapless && (outputs.length > 0 || end)) return undefined;
    return new InternalError(
      `asked for outputs from ${fromIndex} on, the orchestrator answered ${outputs.map(([index]) => index).join(", ") || "none"}`,
    );
  }
}
