/** What a build says, as one text whose places never change, although one that is too long loses its beginning. */
export class BuildLog {
  #lines: string[] = [];
  #chars = 0;
  /** Of the text that was dropped. */
  #dropped = 0;
  readonly #maxChars: number;

  constructor({ maxChars }: { maxChars: number }) {
    this.#maxChars = maxChars;
  }

  add(line: string): void {
    const text = `${printable(line)}\n`;
    this.#lines.push(text);
    this.#chars += text.length;
    while (this.#chars > this.#maxChars && this.#lines.length > 1) {
      const length = this.#lines.shift()?.length ?? 0;
      this.#chars -= length;
      this.#dropped += length;
    }
  }

  /** What is kept of the text from a place on, and the place where the next piece begins. */
  from(place: number): { text: string; next: number } {
    const next = this.#dropped + this.#chars;
    return { text: this.text.slice(Math.max(0, place - this.#dropped)), next };
  }

  /** What is kept of it. */
  get text(): string {
    return this.#lines.join("");
  }

  /** Where that begins. */
  get begin(): number {
    return this.#dropped;
  }
}

/** Colours and moves of the cursor are for terminals; Postgres stores no zero. */
function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
}
