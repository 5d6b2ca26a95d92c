/**
 * Reads 24 page images with sharp and tesseract.js, on as many containers as it may have, and checks every page against the text
 * that is printed on it: `bellows run examples/ocr/ocr.ts`. Options for the entrypoint: how many pages (all of them).
 */
import { App } from "@bellows/sdk";
import { readPages } from "./pages.ts";
import { recognise } from "./recognise.ts";
import { wordAccuracy } from "./word-accuracy.ts";

/** Of each page at least this share of the words must be read, in order. */
const LEAST_ACCURACY = 0.95;

export const app = new App("pages");

export const ocr = app.function(
  { maxContainers: 4, scaledownWindow: "5s", timeout: "2m", retries: 1 },
  async (image: Uint8Array): Promise<string> => recognise(image),
);

app.entrypoint(async (count?: string) => {
  const pages = (await readPages()).slice(0, count === undefined ? undefined : Number(count));
  const startedAtMs = Date.now();
  const accuracies: number[] = [];
  const wrong: string[] = [];
  for await (const text of ocr.map(pages.map(({ image }) => image))) {
    const page = pages[accuracies.length];
    if (!page) throw new Error(`there are ${pages.length} pages and more results`);
    const accuracy = wordAccuracy(page.text, text);
    accuracies.push(accuracy);
    if (accuracy < LEAST_ACCURACY) wrong.push(`page ${page.name}: ${percent(accuracy)}`);
    console.log(`page ${page.name}  ${percent(accuracy)}  ${text.split("\n", 1)[0]}`);
  }
  if (accuracies.length !== pages.length) {
    throw new Error(`${pages.length} pages were sent and ${accuracies.length} results came`);
  }
  if (wrong.length > 0) {
    throw new Error(`below ${percent(LEAST_ACCURACY)} of the words on ${wrong.length} pages: ${wrong.join(", ")}`);
  }
  const seconds = (Date.now() - startedAtMs) / 1_000;
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
  console.log(`${pages.length} pages in ${seconds.toFixed(1)} s, ${percent(mean)} of the words right`);
});

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
