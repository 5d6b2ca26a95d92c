/**
 * The share of the printed words that were read, in order: the longest common subsequence of the two word lists over
 * the number of printed words. Case and punctuation do not count.
 */
export function wordAccuracy(printed: string, read: string): number {
  const expected = wordsOf(printed);
  const actual = wordsOf(read);
  let previous = new Array<number>(actual.length + 1).fill(0);
  for (const word of expected) {
    const current = [0];
    for (const [i, other] of actual.entries()) {
      current.push(word === other ? at(previous, i) + 1 : Math.max(at(previous, i + 1), at(current, i)));
    }
    previous = current;
  }
  return expected.length === 0 ? 1 : at(previous, actual.length) / expected.length;
}

function at(lengths: readonly number[], index: number): number {
  return lengths[index] ?? 0;
}

function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replaceAll(/[’']/g, "")
      .match(/[a-z0-9]+/g) ?? []
  );
}
