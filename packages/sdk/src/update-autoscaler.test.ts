/** What `updateAutoscaler` of each kind of handle asks the API for, over real HTTP. */
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { encodeValue } from "@bellows/protocol/values";
import { expect, onTestFinished, test } from "vitest";
import { Bellows } from "./bellows.ts";
import type { AutoscalerChanges, EffectiveSettings, GeneratorHandle } from "./sdk.ts";

const untouched = { layer: "default", setBy: null, atMs: null } as const;
const settings: EffectiveSettings = {
  minContainers: { value: 2, layer: "override", setBy: "Ada", atMs: 5 },
  maxContainers: { value: 100, ...untouched },
  bufferContainers: { value: 0, ...untouched },
  scaledownWindowMs: { value: 60_000, ...untouched },
  scaleupWindowMs: { value: 0, ...untouched },
  targetInputs: { value: 1, ...untouched },
};

async function api() {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    const inputs: Record<string, unknown> = JSON.parse(await text(request));
    asked.push([request.url, inputs["0"]]);
    const body = [{ result: { data: { functionId: "f", settings } } }];
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  return { asked, bellows: new Bellows({ url, token: "t" }) };
}

const URL_ASKED = "/trpc/functions.updateAutoscaler?batch=1";
const named = { environment: "main", app: "pages", name: "ocr" };

test("of a function and of a generator it is about what was deployed, and gives all settings in force", async () => {
  const { asked, bellows } = await api();
  const ocr = bellows.functions.fromName("pages", "ocr");
  const changes = { minContainers: 2, scaledownWindow: "5m", maxContainers: null } as const;
  expect(await ocr.updateAutoscaler(changes)).toEqual(settings);
  const generator = bellows.functions.fromName<GeneratorHandle<unknown[], unknown>>("pages", "ocr");
  await generator.with({ idempotencyKey: "k" }).updateAutoscaler(changes);
  expect(asked).toEqual([
    [URL_ASKED, { ...named, pool: null, changes }],
    [URL_ASKED, { ...named, pool: null, changes }],
  ]);
});

test("of a handle with containers of its own it is about those", async () => {
  const { asked, bellows } = await api();
  await bellows.functions
    .fromName("pages", "ocr")
    .withConcurrency({ maxInputs: 4 })
    .updateAutoscaler({ targetInputs: 2 });
  const Model = bellows.classes.fromName("pages", "ocr");
  await Model.updateAutoscaler({ minContainers: 1 });
  await Model.instance("large").predict?.updateAutoscaler({ minContainers: 1 });
  const parameters = Buffer.from(encodeValue(["large"])).toString("base64");
  expect(asked).toEqual([
    [
      URL_ASKED,
      {
        ...named,
        pool: { settings: { maxInputs: 4, targetInputs: 4 }, parameters: null },
        changes: { targetInputs: 2 },
      },
    ],
    [URL_ASKED, { ...named, pool: null, changes: { minContainers: 1 } }],
    [URL_ASKED, { ...named, pool: { settings: {}, parameters }, changes: { minContainers: 1 } }],
  ]);
});

test.each([
  [{}, "nothing was asked for"],
  [{ minContainers: Number.NaN }, "minContainers: NaN is not a number"],
  [{ scaledownWindow: 300 }, 'did you mean "300s"?'],
  [{ min: 3 } as AutoscalerChanges, "min: there is no such option"],
])("%j is refused before anything is sent", async (changes, message) => {
  const { asked, bellows } = await api();
  const ocr = bellows.functions.fromName("pages", "ocr");
  await expect(ocr.updateAutoscaler(changes)).rejects.toMatchObject({
    code: "INVALID",
    message: expect.stringContaining(message),
  });
  expect(asked).toEqual([]);
});
