/** Streams against a server that speaks the frames over a real socket. */
import { remoteErrorData } from "@bellows/protocol/errors";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Bellows } from "./bellows.ts";
import type { RemoteYields } from "./remote-generator.ts";
import { durableCalls } from "./testing/durable-calls.ts";
import { FakeOrchestrator, TOKEN } from "./testing/fake-orchestrator.ts";

interface Counting {
  remoteGen(to: number): RemoteYields<number>;
}

function* upTo(to: number) {
  for (let n = 0; n < to; n++) yield n;
}
const numbers = (count: number) => [...upTo(count)];

let server: FakeOrchestrator;
let bellows: Bellows;
beforeEach(async () => {
  server = await new FakeOrchestrator(durableCalls({ run: upTo }).behaviour).start();
  bellows = new Bellows({ url: server.url, token: TOKEN });
});
afterEach(async () => {
  await bellows.close();
  await server.stop();
});

const counting = () => bellows.functions.fromName<Counting>("math", "upTo");

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const value of values) taken.push(value);
  return taken;
}

test("gives every value in order, and lets the generator go on as they are taken", async () => {
  expect(await all(counting().remoteGen(50))).toEqual(numbers(50));
  expect(await all(counting().remoteGen(0))).toEqual([]);
  const received = server.framesOf("take").map((frame) => frame.received);
  expect(received.every((count) => count > 0 && count < 50)).toBe(true);
  expect(server.framesOf("cancel")).toEqual([]);
});

test("sends nothing before the first value is asked for", async () => {
  const values = counting().remoteGen(3);
  expect(await all(counting().remoteGen(1))).toEqual([0]);
  expect(server.framesOf("open")).toHaveLength(1);
  expect(await values.next()).toEqual({ done: false, value: 0 });
});

test("a taker that does not take holds the generator up", async () => {
  const values = counting().remoteGen(1_000);
  for (let n = 0; n < 3; n++) expect(await values.next()).toMatchObject({ value: n });
  expect(await all(counting().remoteGen(1))).toEqual([0]);
  const sent = server.framesOf("take").at(-1)?.received ?? 0;
  expect(sent).toBeLessThanOrEqual(3);
  await values.return();
});

test("leaving the loop cancels the generator, and so does a signal", async () => {
  for await (const value of counting().remoteGen(1_000)) if (value === 5) break;
  await server.until(() => server.framesOf("cancel")[0]);
  const controller = new AbortController();
  const values = counting().with({ signal: controller.signal }).remoteGen(1_000);
  await values.next();
  controller.abort();
  await expect(all(values)).rejects.toMatchObject({ code: "CANCELLED" });
  await server.until(() => server.framesOf("cancel")[1]);
});

test("an error of the generator comes after the values before it", async () => {
  server.behaviour = (frame, send) => {
    if (frame.type !== "inputs") return;
    const { callId } = frame;
    send({ type: "yields", callId, firstSeq: 0, values: [encodeValue("a"), encodeValue("b")] });
    const payload = encodeValue(remoteErrorData(new RangeError("no more")));
    send({ type: "outputs", callId, outputs: [[0, OUTPUT_STATUS.failed, payload, 1, null]] });
  };
  const taken: unknown[] = [];
  const loop = (async () => {
    for await (const value of counting().remoteGen(5)) taken.push(value);
  })();
  await expect(loop).rejects.toMatchObject({ code: "REMOTE", name: "RangeError" });
  expect(taken).toEqual(["a", "b"]);
});

test("cut at any frame, the stream has no gap and no value twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 2 }),
      async (to, cuts) => {
        const { behaviour } = durableCalls({ run: upTo });
        let untilCut = cuts.shift();
        server.behaviour = (frame, send) => {
          const isCut = untilCut !== undefined && --untilCut === 0;
          // The frame arrives and what it is answered with is lost, or it is lost itself.
          if (!isCut) return behaviour(frame, send);
          if (to % 2 === 0) behaviour(frame, () => undefined);
          untilCut = cuts.shift();
          server.cut();
        };
        expect(await all(counting().remoteGen(to))).toEqual(numbers(to));
      },
    ),
    { numRuns: 12 },
  );
});
