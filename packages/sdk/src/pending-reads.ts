/** The questions for outputs that a link has asked and not been answered; each is answered once, or fails. */
import type { BellowsError } from "@bellows/protocol/errors";
import type { OutputPage, ReadQuestion } from "./link-read.ts";
import { LinkRead } from "./link-read.ts";

/** Who asked for outputs is told one of these, once. */
export interface ReadListener {
  page(page: OutputPage): void;
  failed(error: BellowsError): void;
}

export class PendingReads {
  readonly #reads = new Map<number, { entry: LinkRead; listener: ReadListener }>();
  #lastRequestId = 0;

  get size(): number {
    return this.#reads.size;
  }

  add(question: ReadQuestion, listener: ReadListener): LinkRead {
    this.#lastRequestId += 1;
    const entry = new LinkRead(this.#lastRequestId, question);
    this.#reads.set(entry.requestId, { entry, listener });
    return entry;
  }

  entries(): LinkRead[] {
    return [...this.#reads.values()].map(({ entry }) => entry);
  }

  /** False when it has been answered or removed already. */
  remove(entry: LinkRead): boolean {
    return this.#reads.delete(entry.requestId);
  }

  answer(requestId: number, page: OutputPage): void {
    const read = this.#reads.get(requestId);
    if (!read) return;
    this.#reads.delete(requestId);
    const defect = read.entry.defectOf(page);
    if (defect) read.listener.failed(defect);
    else read.listener.page(page);
  }

  fail(requestId: number, error: BellowsError): void {
    const read = this.#reads.get(requestId);
    this.#reads.delete(requestId);
    read?.listener.failed(error);
  }

  failAll(error: BellowsError): void {
    for (const requestId of [...this.#reads.keys()]) this.fail(requestId, error);
  }
}
