/** The OCR engine of a container: loaded by the first page, kept for all that follow. It gets pages as it reads them best. */
import eng from "@tesseract.js-data/eng";
import sharp from "sharp";
import { createWorker, OEM, type Worker } from "tesseract.js";

let engine: Promise<Worker> | undefined;

export async function recognise(image: Uint8Array): Promise<string> {
  const worker = await engineOfThisContainer();
  const { data } = await worker.recognize(await readable(image));
  return data.text;
}

/** Grey, from full black to full white. */
function readable(image: Uint8Array): Promise<Buffer> {
  return sharp(image).greyscale().normalise().png().toBuffer();
}

/** One that could not be loaded is not kept: the next page tries again. */
function engineOfThisContainer(): Promise<Worker> {
  engine ??= loadEngine().catch((error: unknown) => {
    engine = undefined;
    throw error;
  });
  return engine;
}

/** The language comes from an installed package, so nothing is fetched from the network. */
function loadEngine(): Promise<Worker> {
  return createWorker(eng.code, OEM.LSTM_ONLY, { langPath: eng.langPath, gzip: eng.gzip, cacheMethod: "none" });
}
