import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { describe, expect, test } from "vitest";
import type { CallOutput } from "./link-call.ts";
import { LinkCall, LinkWatch } from "./link-call.ts";

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

describe("a watched call", () => {
  test("asks again after a cut, from the first output that is missing", () => {
    const watch = new LinkWatch(newId(), 3);
    expect(watch.take()).toMatchObject([{ type: "watch", fromIndex: 3 }]);
    watch.fresh([output(3), output(4)]);
    expect(watch.take()).toEqual([]);
    watch.relink();
    expect(watch.take()).toMatchObject([{ type: "watch", fromIndex: 5 }]);
  });
});
