/**
 * A function that mostly waits for somebody else: one container works on up to 100 inputs at once, and a second one is
 * started when the first has more than 80. `bellows run examples/concurrent/concurrent.ts`
 */
import { App } from "@bellows/sdk";
import { type SlowService, startSlowService } from "./slow-service.ts";

const INPUTS = 2_000;
const DELAY_MS = 200;
const MAX_INPUTS = 100;
const TARGET_INPUTS = 80;

export const app = new App("concurrent");

let service: Promise<SlowService> | undefined;

export const square = app.function(
  { concurrent: { maxInputs: MAX_INPUTS, targetInputs: TARGET_INPUTS }, maxContainers: 2, scaledownWindow: "5s" },
  async (number: number): Promise<{ square: number; mostAtOnce: number; container: string | undefined }> => {
    service ??= startSlowService(DELAY_MS);
    const { url, mostAtOnce } = await service;
    const response = await fetch(`${url}/?number=${number}`);
    return {
      square: Number(await response.text()),
      mostAtOnce: mostAtOnce(),
      container: process.env.BELLOWS_CONTAINER_ID,
    };
  },
);

app.entrypoint(async () => {
  const startedAtMs = Date.now();
  const numbers = Array.from({ length: INPUTS }, (_, number) => number);
  const results = await square.map(numbers).toArray();
  const tookMs = Date.now() - startedAtMs;
  const wrong = numbers.filter((number) => results[number]?.square !== number * number);
  if (results.length !== INPUTS || wrong.length > 0) {
    throw new Error(`${results.length} of ${INPUTS} results came, ${wrong.length} of them wrong`);
  }
  const mostAtOnce = Math.max(...results.map((result) => result.mostAtOnce));
  if (mostAtOnce <= TARGET_INPUTS || mostAtOnce > MAX_INPUTS) {
    throw new Error(
      `a container had ${mostAtOnce} requests at once, not more than ${TARGET_INPUTS} and up to ${MAX_INPUTS}`,
    );
  }
  const containers = new Set(results.map(({ container }) => container)).size;
  if (containers !== 2) throw new Error(`${containers} containers worked, not 2`);
  const oneByOneMs = INPUTS * DELAY_MS;
  if (tookMs > oneByOneMs / 4) throw new Error(`it took ${tookMs} ms; one by one it would be ${oneByOneMs} ms`);
  console.log(
    `${INPUTS} requests of ${DELAY_MS} ms in ${(tookMs / 1_000).toFixed(1)} s, up to ${mostAtOnce} at once in each of ${containers} containers; ` +
      `one by one: ${oneByOneMs / 1_000} s`,
  );
});
