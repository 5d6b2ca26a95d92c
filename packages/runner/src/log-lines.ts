/**
 * Lines out of what a process prints, none longer than the limit, whatever the pieces in which it arrives. No cut divides
 * a surrogate pair: each half would travel as a replacement character, and nobody could find a text that holds it.
 */
import { LIMITS } from "@bellows/protocol/limits";

/** A line that never ends comes out in pieces of the limit's length, so that it costs no more memory than one. */
export class LineSplitter {
  #rest = "";

  push(text: string): string[] {
    const pieces = (this.#rest + text).split("\n");
    this.#rest = pieces.pop() ?? "";
    const lines = pieces.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
    while (this.#rest.length > LIMITS.logLineChars) {
      const end = endOfPiece(this.#rest);
      lines.push(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end);
    }
    return lines.map(cutLine);
  }

  /** What came after the last newline. */
  end(): string[] {
    const rest = this.#rest;
    this.#rest = "";
    return rest === "" ? [] : [cutLine(rest)];
  }
}

/** A line of at most the limit's length; a longer one says how much is missing. */
export function cutLine(line: string): string {
  if (line.length <= LIMITS.logLineChars) return line;
  const end = endOfPiece(line);
  return `${line.slice(0, end)} [${(line.length - end).toLocaleString("en")} characters cut]`;
}

/** Of a text above the limit: the limit, or one less. */
function endOfPiece(text: string): number {
  const last = text.codePointAt(LIMITS.logLineChars - 1) ?? 0;
  return last > 0xffff ? LIMITS.logLineChars - 1 : LIMITS.logLineChars;
}
