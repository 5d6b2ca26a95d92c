/** Lines out of what a process prints, none longer than the limit, whatever the pieces in which it arrives. */
import { LIMITS } from "@bellows/protocol/limits";

/** A line that never ends comes out in pieces of the limit's length, so that it costs no more memory than one. */
export class LineSplitter {
  #rest = "";

  push(text: string): string[] {
    const pieces = (this.#rest + text).split("\n");
    this.#rest = pieces.pop() ?? "";
    const lines = pieces.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
    while (this.#rest.length > LIMITS.logLineChars) {
      lines.push(this.#rest.slice(0, LIMITS.logLineChars));
      this.#rest = this.#rest.slice(LIMITS.logLineChars);
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
  const excess = line.length - LIMITS.logLineChars;
  return excess <= 0 ? line : `${line.slice(0, LIMITS.logLineChars)} [${excess.toLocaleString("en")} characters cut]`;
}
