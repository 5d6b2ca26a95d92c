/** That waiting for `stats` and `updateAutoscaler` ends by a signal, though the API never answers: over real HTTP. */
import { once } from "node:events";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { Bellows } from "./bellows.ts";
import type { FunctionHandle, GeneratorHandle } from "./sdk.ts";

/** An API that never answers: the paths it was asked for, and how many of those who asked have gone. */
async function silentApi() {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url?.split("?")[0]);
    server.emit("asked");
    response.once("close", () => server.emit("left"));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const happens = (event: "asked" | "left") => once(server, event, { signal: AbortSignal.timeout(5_000) });
  return { asked, happens, bellows: new Bellows({ url, token: "t" }) };
}

type Handle = Pick<FunctionHandle<unknown[], unknown>, "stats" | "updateAutoscaler">;
const changes = { minContainers: 1 };
const ofGenerator = (bellows: Bellows) => bellows.functions.fromName<GeneratorHandle<unknown[], unknown>>("a", "f");
const method = (bellows: Bellows, options = {}): Handle => {
  const { predict } = bellows.classes.fromName("a", "Model").with(options).instance();
  if (!predict) throw new Error("an instance has a handle under every name");
  return predict;
};

const WAYS: [string, (bellows: Bellows, signal: AbortSignal) => Promise<unknown>][] = [
  ["stats of a function", (b, signal) => b.functions.fromName("a", "f").stats({ signal })],
  ["stats of a function, by its handle", (b, signal) => b.functions.fromName("a", "f").with({ signal }).stats()],
  ["stats of a generator", (b, signal) => ofGenerator(b).stats({ signal })],
  ["stats of a generator, by its handle", (b, signal) => ofGenerator(b).with({ signal }).stats()],
  ["stats of a method, by its class", (b, signal) => method(b, { signal }).stats()],
  [
    "updateAutoscaler of a function",
    (b, signal) => b.functions.fromName("a", "f").updateAutoscaler(changes, { signal }),
  ],
  [
    "updateAutoscaler of a function, by its handle",
    (b, signal) => b.functions.fromName("a", "f").with({ signal }).updateAutoscaler(changes),
  ],
  ["updateAutoscaler of a generator", (b, signal) => ofGenerator(b).updateAutoscaler(changes, { signal })],
  ["updateAutoscaler of a method", (b, signal) => method(b).updateAutoscaler(changes, { signal })],
  [
    "updateAutoscaler of a class",
    (b, signal) => b.classes.fromName("a", "Model").updateAutoscaler(changes, { signal }),
  ],
  [
    "updateAutoscaler of a class, by its handle",
    (b, signal) => b.classes.fromName("a", "Model").with({ signal }).updateAutoscaler(changes),
  ],
];

test.each(WAYS)("%s ends with its signal, and closes the request", async (_, ask) => {
  const { happens, bellows } = await silentApi();
  const leaving = new AbortController();
  const isAsked = happens("asked");
  const isLeft = happens("left");
  const waiting = expect(ask(bellows, leaving.signal)).rejects.toMatchObject({
    code: "CANCELLED",
    message: expect.stringContaining("was ended by its signal"),
    cause: "enough",
  });
  await isAsked;
  leaving.abort("enough");
  await waiting;
  await isLeft;
});

test("a signal that has aborted asks for nothing; the one given goes before that of the handle", async () => {
  const { asked, bellows, happens } = await silentApi();
  const f = bellows.functions.fromName("a", "f");
  await expect(f.stats({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
  expect(asked).toEqual([]);
  const leaving = new AbortController();
  const isAsked = happens("asked");
  const stats = f.with({ signal: AbortSignal.abort() }).stats({ signal: leaving.signal });
  const ended = expect(stats).rejects.toMatchObject({ code: "CANCELLED" });
  await isAsked;
  leaving.abort();
  await ended;
  expect(asked).toEqual(["/trpc/functions.stats"]);
});

test("an option that there is not is refused before anything is sent", async () => {
  const { asked, bellows } = await silentApi();
  const options = { signals: AbortSignal.abort() };
  const refusal = { code: "INVALID", message: 'stats: there is no option "signals"; the options are signal' };
  await expect(bellows.functions.fromName("a", "f").stats(options as object)).rejects.toMatchObject(refusal);
  expect(asked).toEqual([]);
});
