/**
 * How many containers each environment has, over all functions of this process, starting and draining ones included.
 * Kept true by the container tables: nothing else adds or takes away.
 */
export class ContainerCounts {
  readonly #counts = new Map<string, number>();

  of(environmentId: string): number {
    return this.#counts.get(environmentId) ?? 0;
  }

  change(environmentId: string, by: number): void {
    const count = this.of(environmentId) + by;
    if (count > 0) this.#counts.set(environmentId, count);
    else this.#counts.delete(environmentId);
  }
}
