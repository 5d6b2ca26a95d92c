/** A level that changes in steps, and its mean over the last so many milliseconds. What is older than that is forgotten. */
export class LevelHistory {
  readonly #keptMs: number;
  /** Each level holds from its time until the next one. */
  readonly #steps: { atMs: number; level: number; sumBefore: number }[] = [];

  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  /** The level is this from now on. */
  note(atMs: number, level: number): void {
    const last = this.#steps.at(-1);
    if (last?.level === level) return;
    this.#steps.push({ atMs, level, sumBefore: last ? last.sumBefore + last.level * (atMs - last.atMs) : 0 });
    let old = 0;
    while (old < this.#steps.length - 1 && (this.#steps[old + 1]?.atMs ?? atMs) <= atMs - this.#keptMs) old += 1;
    // Forgotten in larger pieces, so that it takes constant time on average.
    if (old > 64) this.#steps.splice(0, old);
  }

  /** The mean from `fromMs`, not before the first note, until `toMs`, not before the last one. */
  mean(fromMs: number, toMs: number): number {
    const first = this.#steps[0];
    const last = this.#steps.at(-1);
    if (!first || !last) return 0;
    const startMs = Math.max(fromMs, first.atMs);
    if (startMs >= toMs) return last.level;
    return (this.#sumUntil(toMs) - this.#sumUntil(startMs)) / (toMs - startMs);
  }

  /** The integral until this time. */
  #sumUntil(atMs: number): number {
    let low = 0;
    let high = this.#steps.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#steps[middle]?.atMs ?? 0) <= atMs) low = middle;
      else high = middle - 1;
    }
    const step = this.#steps[low];
    return step ? step.sumBefore + step.level * (atMs - step.atMs) : 0;
  }
}
