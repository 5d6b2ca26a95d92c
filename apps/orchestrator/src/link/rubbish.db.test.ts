/** Frames that are well-formed and make no sense, in any order: each has its answer or none, and others go on. */
import { encodeFrames } from "@bellows/protocol/frame-codec";
import { newId } from "@bellows/protocol/ids";
import { afterAll, afterEach, expect, test } from "vitest";
import { randomOf } from "../core/seeded-random.ts";
import { close, inputs, open, until } from "../testing-client.ts";
import { testWorld } from "../testing-world.ts";

const world = await testWorld();
const orchestrator = await world.start();
const fn = await world.deploy({ maxContainers: 2 });

afterEach(() => expect(world.errors).toEqual([]));
afterAll(() => world.driver.endAll());

const KINDS = ["remote", "remoteGen", "map", "spawn", "spawnMap"] as const;
const FRAMES_PER_LINK = 300;

async function someContainer(): Promise<string> {
  const opening = open(fn, "map");
  const client = await orchestrator.client();
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  await client.hears("finished", opening.callId);
  client.cut();
  const [agent] = world.driver.of(fn.functionId);
  if (!agent) throw new Error("the call has run in a container");
  return agent.containerId;
}

test.each([1, 2, 3, 4, 5, 6])("a client that says anything in any order disturbs nobody, seed %i", async (seed) => {
  const { next: random, pick } = randomOf(seed);
  const rubbish = await orchestrator.client(seed % 2 === 0 ? { container: await someContainer() } : undefined);
  const ids = [...Array.from({ length: 6 }, () => newId()), "x".repeat(36)];
  const whole = (below: number): number => Math.floor(random() * below);
  const number = (): number => pick([0, 1, 2, 5, 511, 2 ** 31, Number.MAX_SAFE_INTEGER]) ?? 0;
  const callId = (): string => pick(ids) ?? newId();

  function frame() {
    const id = callId();
    switch (whole(10)) {
      case 0:
      case 1:
        return open(fn, pick([...KINDS]) ?? "map", {
          callId: id,
          inputCount: random() < 0.5 ? null : number(),
          resume: random() < 0.3,
          idempotencyKey: random() < 0.2 ? "\0key" : null,
          parent: random() < 0.4 ? { callId: id, index: number() } : null,
          pool: random() < 0.1 ? { settings: { maxInputs: -number() }, parameters: new Uint8Array(3) } : null,
        });
      case 2:
        return inputs(id, number(), 1 + whole(4));
      case 3:
        return close(id, number());
      case 4:
        return { type: "cancel", callId: id, terminateContainers: random() < 0.1 };
      case 5:
        return { type: "watch", callId: id, fromIndex: number() };
      case 6:
        return { type: "read", requestId: whole(20), callId: id, fromIndex: number(), limit: 1 + whole(512) };
      case 7:
        return { type: "unread", requestId: whole(20) };
      case 8:
        return { type: "take", callId: id, received: number(), resend: random() < 0.5 };
      default:
        return { type: pick(["hold", "followLogs"]), appId: id };
    }
  }

  const sensible = await orchestrator.client();
  for (let sent = 0; sent < FRAMES_PER_LINK; sent += 10) {
    rubbish.sendRaw(encodeFrames(Array.from({ length: 10 }, frame)));
  }
  const opening = open(fn, "map");
  sensible.send(opening, inputs(opening.callId, 0, 20), close(opening.callId, 20));
  expect(await sensible.hears("finished", opening.callId)).toMatchObject({ counts: { succeeded: 20 } });
  // A call of its own that is there, asked for in every wrong place.
  const own = open(fn, "spawn");
  rubbish.send(own, inputs(own.callId, 0), close(own.callId, 1));
  rubbish.send({ type: "read", requestId: 100, callId: own.callId, fromIndex: Number.MAX_SAFE_INTEGER, limit: 512 });
  await until(() => expect(rubbish.of("page").find(({ requestId }) => requestId === 100)?.outputs).toEqual([]));
  await rubbish.served();
  expect(rubbish.closedWith).toBeUndefined();
  const codes = new Set(rubbish.of("refused").map(({ error }) => error.code));
  expect(codes.has("INTERNAL")).toBe(false);
  expect(rubbish.of("readFailed").map(({ error }) => error.code)).not.toContain("INTERNAL");
  rubbish.cut();
  sensible.cut();
});

test.each([
  ["an unknown frame", [{ type: "explode" }]],
  ["a negative index", [{ type: "read", requestId: -1, callId: newId(), fromIndex: 0, limit: 1 }]],
  ["a limit that is too high", [{ type: "read", requestId: 1, callId: newId(), fromIndex: 0, limit: 1_000_000 }]],
  ["too many inputs in a chunk", [inputs(newId(), 0, 513)]],
  ["a value that is no bytes", [{ type: "inputs", callId: newId(), firstIndex: 0, values: ["text"] }]],
  ["no list", { type: "welcome" }],
])("a message with %s closes its link with 4400 and no other", async (_what, frames) => {
  const [rubbish, other] = [await orchestrator.client(), await orchestrator.client()];
  rubbish.sendRaw(encodeFrames(frames as unknown[]));
  await until(() => expect(rubbish.closedWith).toBe(4400));
  await other.served();
  other.cut();
});
