import type { ClientFrame } from "@bellows/protocol/client-frames";
import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CallOutput } from "./link-call.ts";
import { LinkCall } from "./link-call.ts";

const target = { environment: "main", app: "math", function: "double" };
const value = Uint8Array.of(1);
const output = (index: number): CallOutput => [index, OUTPUT_STATUS.succeeded, value, 1, null];

function callWith(kind: "map" | "spawn", inputs: number): LinkCall {
  const call = new LinkCall(newId(), target, kind);
  for (let i = 0; i < inputs; i++) call.add(value);
  return call;
}

const shapes = (call: LinkCall) =>
  call.take().map((frame) => {
    if (frame.type === "open") return `open${frame.resume ? " resume" : ""}`;
    if (frame.type === "inputs") return `inputs ${frame.firstIndex}+${frame.values.length}`;
    if (frame.type === "close") return `close ${frame.inputCount}`;
    if (frame.type === "take") return `take ${frame.received}${frame.resend ? " again" : ""}`;
    return frame.type === "watch" ? `watch ${frame.fromIndex}` : frame.type;
  });

describe("a call on its link", () => {
  test("sends each thing once", () => {
    const call = callWith("map", 2);
    expect(shapes(call)).toEqual(["open", "inputs 0+2"]);
    call.add(value);
    call.close();
    expect(shapes(call)).toEqual(["inputs 2+1", "close 3"]);
    expect(shapes(call)).toEqual([]);
  });

  test("opened while there was no connection, it is sent as new", () => {
    const call = callWith("map", 1);
    call.relink();
    expect(shapes(call)).toEqual(["open", "inputs 0+1"]);
  });

  test("after a cut it resumes: what is not stored, the close, and the outputs that are missing", () => {
    const call = callWith("map", 600);
    shapes(call);
    call.add(value);
    call.close();
    shapes(call);
    call.receivedStored(0, 512);
    call.fresh([output(0), output(1), output(5)]);
    call.add(value);
    call.relink();
    expect(shapes(call)).toEqual([
      "open resume",
      "inputs 512+88",
      "inputs 600+1",
      "inputs 601+1",
      "close 602",
      "watch 2",
    ]);
  });

  test("chunks that were sent and are stored are forgotten, and only those", () => {
    const call = callWith("map", 512);
    shapes(call);
    for (let i = 0; i < 512; i++) call.add(value);
    call.receivedStored(0, 512);
    expect(shapes(call)).toEqual(["inputs 512+512"]);
    call.receivedStored(512, 512);
    call.relink();
    expect(shapes(call)).toEqual(["open resume", "watch 0"]);
  });

  test("a spawned call is stored when it is opened, closed and all of its inputs are; it asks for no outputs", () => {
    const call = callWith("spawn", 1);
    call.close();
    shapes(call);
    call.receivedStored(0, 1);
    expect(call.stored).toBe(false);
    call.relink();
    expect(shapes(call)).toEqual(["open resume", "close 1"]);
    call.receivedOpened();
    expect(call.stored).toBe(false);
    call.receivedClosed();
    expect(call.stored).toBe(true);
  });

  test("an output that comes again is not new; the call is answered when all have come", () => {
    const call = callWith("map", 2);
    expect(call.fresh([output(1), output(1)])).toHaveLength(1);
    expect(call.fresh([output(1), output(0)])).toEqual([output(0)]);
    expect(call.answered).toBe(false);
    call.close();
    expect(call.answered).toBe(true);
  });
});

describe("a call that a limit holds up", () => {
  test("goes on after the time that it was told, from the first input that was not taken", () => {
    const call = callWith("map", 512);
    shapes(call);
    call.add(value);
    call.close();
    expect(shapes(call)).toEqual(["inputs 512+1", "close 513"]);
    call.receivedLater(512);
    expect(shapes(call)).toEqual([]);
    expect(call.goOn()).toBe(true);
    expect(shapes(call)).toEqual(["inputs 512+1", "close 513"]);
    expect(call.goOn()).toBe(false);
  });

  test("of several that were not taken, the first one counts", () => {
    const call = callWith("map", 1_100);
    shapes(call);
    call.receivedStored(0, 512);
    call.receivedLater(700);
    call.receivedLater(1_024);
    call.goOn();
    expect(shapes(call)).toEqual(["inputs 700+324", "inputs 1024+76"]);
  });

  test("that was not opened is opened anew, with all of its inputs", () => {
    const call = callWith("map", 1);
    call.close();
    shapes(call);
    call.receivedLater(null);
    call.goOn();
    expect(shapes(call)).toEqual(["open", "inputs 0+1", "close 1"]);
  });

  test("does not wait on a new connection, where it is asked again anyway", () => {
    const call = callWith("map", 1);
    shapes(call);
    call.receivedLater(0);
    call.relink();
    expect(shapes(call)).toEqual(["open resume", "inputs 0+1", "watch 0"]);
    expect(call.goOn()).toBe(false);
  });
});

describe("a call of a generator", () => {
  test("says what was taken once, and after a cut from where values may be lost", () => {
    const call = new LinkCall(newId(), target, "remoteGen");
    call.add(value);
    call.close();
    expect(shapes(call)).toEqual(["open", "inputs 0+1", "close 1"]);
    call.taken(3, false);
    call.taken(5, false);
    expect(call.take()).toEqual([{ type: "take", callId: call.callId, received: 5, resend: false }]);
    call.receivedStored(0, 1);
    call.relink();
    expect(shapes(call)).toEqual(["open resume", "close 1", "watch 0", "take 5 again"]);
  });
});

test("what is not stored is counted, so that a source is read no further than memory allows", () => {
  const call = callWith("map", 600);
  expect(call.unstored).toEqual({ inputs: 600, bytes: 600 });
  call.take();
  call.receivedStored(0, 512);
  expect(call.unstored).toEqual({ inputs: 88, bytes: 88 });
  call.receivedStored(512, 88);
  expect([call.unstored, call.storedCount]).toEqual([{ inputs: 0, bytes: 0 }, 600]);
});

test("whatever is cut, held up, stored or sent when: the other side ends with every input once, in order", () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant("add" as const), count: fc.integer({ min: 1, max: 700 }) }),
    fc.record({ type: fc.constant("deliver" as const), frames: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ type: fc.constantFrom("cut" as const, "later" as const, "goOn" as const, "answer" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const call = new LinkCall(newId(), target, "spawnMap");
      const server = new FeedModel();
      let wire: ClientFrame[] = [];
      const pass = (frame: ClientFrame): void => {
        const answer = server.receive(frame);
        if (answer !== undefined) call.receivedLater(answer);
      };
      for (const s of steps) {
        wire.push(...call.take());
        if (s.type === "add") for (let i = 0; i < s.count; i++) call.add(value);
        if (s.type === "deliver") for (const frame of wire.splice(0, s.frames)) pass(frame);
        if (s.type === "answer") call.receivedStored(0, server.received);
        if (s.type === "later") server.full = true;
        if (s.type === "goOn") {
          server.full = false;
          call.goOn();
        }
        if (s.type === "cut") {
          wire = [];
          server.open = false;
          call.relink();
        }
      }
      call.close();
      server.full = false;
      for (let round = 0; round < 3; round++) {
        for (const frame of [...wire.splice(0), ...call.take()]) pass(frame);
        call.goOn();
      }
      call.receivedOpened();
      call.receivedStored(0, server.received);
      call.receivedClosed();
      expect(server.defects).toEqual([]);
      expect(server.closedAt).toBe(call.storedCount);
      expect(call.stored).toBe(true);
    }),
    { numRuns: 300 },
  );
});

/** What an orchestrator does with the frames of one call: takes inputs in order, and none while it is full. */
class FeedModel {
  received = 0;
  closedAt: number | undefined;
  open = false;
  full = false;
  readonly defects: string[] = [];

  /** From where on inputs were not taken, if so. */
  receive(frame: ClientFrame): number | undefined {
    if (frame.type === "open") this.open = true;
    else if (!this.open) this.defects.push(`${frame.type} before open`);
    if (frame.type === "inputs") {
      if (this.full || frame.firstIndex > this.received) return this.received;
      this.received = Math.max(this.received, frame.firstIndex + frame.values.length);
    }
    if (frame.type === "close" && frame.inputCount === this.received) this.closedAt = frame.inputCount;
    return undefined;
  }
}
