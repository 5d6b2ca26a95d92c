/**
 * Everything that is compared is measured in turn, several times over, and medians are compared: so a moment in which the
 * machine is slow meets all alike.
 */
const ROUNDS = 3;

export type Measures<T> = Record<string, () => Promise<T>>;

/** What each measured, round by round. `between` is called before every measure. */
export async function interleaved<T>(
  measures: Measures<T>,
  between: () => Promise<unknown> = async () => {},
): Promise<(name: string) => T[]> {
  const measured = new Map<string, T[]>(Object.keys(measures).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, measure] of Object.entries(measures)) {
      await between();
      measured.get(name)?.push(await measure());
    }
  }
  return (name) => measured.get(name) ?? [];
}
