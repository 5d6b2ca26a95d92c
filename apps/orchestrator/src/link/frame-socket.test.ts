import { once } from "node:events";
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { type FrameSocket, frameSocket } from "./frame-socket.ts";

const framesSchema = z.array(z.object({ n: z.number() }));
type Frame = z.infer<typeof framesSchema>[number];

let server: WebSocketServer;
let peer: WebSocket;
let link: FrameSocket<Frame>;
let received: number[];
let failures: unknown[];
let closed: Promise<void>;
let fail: Error | undefined;

async function connect(options: { autoPong: boolean }): Promise<void> {
  server = new WebSocketServer({ port: 0 });
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("it listens on a port");
  received = [];
  failures = [];
  fail = undefined;
  const accepted = new Promise<WebSocket>((resolve) => server.once("connection", resolve));
  peer = new WebSocket(`ws://127.0.0.1:${address.port}`, options);
  const socket = await accepted;
  closed = new Promise((resolve) => {
    link = frameSocket<Frame, Frame>(socket, framesSchema, {
      received(frames) {
        if (fail) throw fail;
        received.push(...frames.map(({ n }) => n));
      },
      closed: resolve,
      failed: (error) => void failures.push(error),
    });
  });
  if (peer.readyState !== WebSocket.OPEN) await once(peer, "open");
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
  peer.terminate();
  server.close();
});

test("the frames of one turn leave as one message, in order", async () => {
  await connect({ autoPong: true });
  const message = once(peer, "message");
  link.send({ n: 1 });
  link.send({ n: 2 });
  expect(link.last()).toEqual({ n: 2 });
  const [data] = await message;
  expect(new Uint8Array(data)).toEqual(new Uint8Array(encodeFrames([{ n: 1 }, { n: 2 }])));
});

test("the frames of one turn leave as several messages when they are large, in order", async () => {
  await connect({ autoPong: true });
  const messages: Buffer[] = [];
  peer.on("message", (data: Buffer) => messages.push(data));
  const large = (n: number) => ({ n, values: [new Uint8Array(6 * 1024 * 1024)] });
  for (let n = 1; n <= 5; n++) link.send(large(n));
  await vi.waitFor(() => expect(messages.length).toBe(3), { timeout: 5_000 });
  const numbers = messages.map((data) => framesSchema.parse(decodeFrames(data)).map(({ n }) => n));
  expect(numbers).toEqual([[1, 2], [3, 4], [5]]);
});

test("a peer that answers no ping is cut off", async () => {
  await connect({ autoPong: false });
  vi.advanceTimersByTime(60_000);
  await closed;
});

test("a peer that we do not read from is kept, and told that we are there", async () => {
  await connect({ autoPong: false });
  link.pause();
  const told = once(peer, "pong");
  vi.advanceTimersByTime(300_000);
  await told;
  peer.send(encodeFrames([{ n: 1 }]));
  link.resume();
  await vi.waitFor(() => expect(received).toEqual([1]));
});

test("a defect in serving a frame ends that link with 1011", async () => {
  await connect({ autoPong: true });
  fail = new Error("a defect");
  peer.send(encodeFrames([{ n: 1 }]));
  const [code] = await once(peer, "close");
  expect(code).toBe(1011);
  expect(failures).toEqual([fail]);
});

test("a frame that is not understood ends the link with 4400", async () => {
  await connect({ autoPong: true });
  peer.send(encodeFrames([{ n: "one" }]));
  const [code] = await once(peer, "close");
  expect(code).toBe(4400);
});

test("who sends much waits for room, and waits no longer when the link is gone", async () => {
  await connect({ autoPong: true });
  peer.pause();
  const chunk = { n: 0, bytes: new Uint8Array(16 * 1024 * 1024) };
  let waited = 0;
  const sending = (async () => {
    for (let sent = 0; sent < 8; sent++) {
      link.send(chunk);
      await link.room();
      waited += 1;
    }
  })();
  await new Promise((resolve) => setImmediate(resolve));
  expect(waited).toBeLessThan(8);
  peer.terminate();
  await sending;
});
