/** The highest of the values of the last so many milliseconds. */
export class HighestOf {
  readonly #spanMs: number;
  /** From the highest to the latest, each lower than the one before. */
  readonly #values: { atMs: number; value: number }[] = [];

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** @returns the highest, this one included. */
  note(atMs: number, value: number): number {
    while ((this.#values.at(-1)?.value ?? Number.POSITIVE_INFINITY) <= value) this.#values.pop();
    this.#values.push({ atMs, value });
    while ((this.#values[0]?.atMs ?? atMs) < atMs - this.#spanMs) this.#values.shift();
    return this.#values[0]?.value ?? value;
  }
}
