/** The OCR engine of a container: loaded by the first page, kept for all that follow. */
import eng from "@tesseract.js-data/eng";
import { createWorker, OEM, type Worker } from "tesseract.js";

let engine: Promise<Worker> | undefined;

export async function recognise(image: Uint8Array): Promise<string> {
  const worker = await engineOfThisContainer();
  const { data } = await worker.recognize(Buffer.from(image));
  return data.text;
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
