/**
 * A numeric kernel that is faster for many texts than for one: the server gathers what callers ask one by one, and the
 * handler gets lists. Callers pass one text and get one vector. `bellows run examples/batching/batching.ts`
 */
import { readdir, readFile } from "node:fs/promises";
import { App } from "@bellows/sdk";
import { cosine, embedAll, type Vector } from "./embedding.ts";

export const app = new App("batching");

export const embed = app.function(
  { batched: { maxBatchSize: 32, waitMs: 50 }, maxContainers: 2, scaledownWindow: "5s" },
  async (texts: string[]): Promise<{ vector: Vector; togetherWith: number }[]> =>
    embedAll(texts).map((vector) => ({ vector, togetherWith: texts.length })),
);

const PAGES = new URL("../ocr/pages/", import.meta.url);

app.entrypoint(async () => {
  const sentences = await readSentences();
  const known = await embed.map(sentences).toArray();

  // Fifty people ask at the same time, each for one sentence and each with a slip of the pen.
  const asked = sentences.slice(0, 50);
  const answers = await Promise.all(asked.map((sentence) => embed.remote(withSlip(sentence))));
  const found = answers.map(({ vector }) =>
    nearest(
      vector,
      known.map((sentence) => sentence.vector),
    ),
  );
  const wrong = asked.filter((sentence, index) => sentences[found[index] ?? -1] !== sentence);
  if (wrong.length > 0) throw new Error(`${wrong.length} sentences were not found, such as: ${wrong[0]}`);

  const largest = Math.max(...answers.map(({ togetherWith }) => togetherWith));
  if (largest < 2) throw new Error("no two of fifty questions were answered together");
  if (Math.max(largest, ...known.map(({ togetherWith }) => togetherWith)) > 32)
    throw new Error("a batch was too large");

  const alone = await embed.withBatching({ maxBatchSize: 1, waitMs: 0 }).remote(asked[0] ?? "");
  if (alone.togetherWith !== 1) throw new Error(`alone in a batch of ${alone.togetherWith}`);
  console.log(
    `${sentences.length} sentences embedded, ${asked.length} misspelt ones found again; the largest batch of theirs held ${largest}`,
  );
});

/** The sentences on the scanned pages of the `ocr` example: the first chapters of Alice's Adventures in Wonderland. */
async function readSentences(): Promise<string[]> {
  const files = (await readdir(PAGES)).filter((file) => file.endsWith(".txt")).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, PAGES), "utf8")));
  const sentences = texts.flatMap((text) => text.split(/\n+|[.;!?] /).filter((sentence) => sentence.length > 30));
  return [...new Set(sentences)];
}

/** Two letters in the wrong order. */
function withSlip(sentence: string): string {
  return sentence.slice(0, 10) + sentence.charAt(11) + sentence.charAt(10) + sentence.slice(12);
}

function nearest(vector: Vector, others: readonly Vector[]): number {
  const likeness = others.map((other) => cosine(vector, other));
  return likeness.indexOf(Math.max(...likeness));
}
