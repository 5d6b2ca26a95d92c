/** Runs `work` for every item, two at a time, and answers in the order of the items. */

/**
 * @template I, O
 * @param {I[]} items
 * @param {(item: I) => Promise<O>} work
 * @returns {Promise<O[]>}
 */
export async function twoAtATime(items, work) {
  /** @type {O[]} */
  const answers = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) answers[index] = await work(item);
  };
  await Promise.all([worker(), worker()]);
  return answers;
}
