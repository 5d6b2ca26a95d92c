import { STREAM_WINDOW } from "@bellows/protocol/frame-parts";
import { decodeValue } from "@bellows/protocol/values";
import { describe, expect, it, vi } from "vitest";
import { RunningInput } from "./running-input.ts";
import { Streams } from "./streams.ts";

/** A generator that runs, and what was written of it. */
function run(generator: unknown) {
  const input = new RunningInput("01890a5d-ac96-774b-bcce-b302099a8057", [0, 1, new Uint8Array()]);
  const written: unknown[] = [];
  const streams = new Streams((frame) => {
    if (frame.type !== "yields") throw new Error(`${frame.type} was written`);
    expect(frame.firstSeq).toBe(written.length);
    written.push(...frame.values.map(decodeValue));
  });
  const count = streams.run(input, generator);
  count.catch(() => {});
  const take = (received: number) => streams.take(input.ref, received);
  return { input, written, count, take };
}

/** Every microtask and everything they start has run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function* numbers(count: number): Generator<number> {
  for (let number = 0; number < count; number += 1) yield number;
}

describe("a generator", () => {
  it("ends with how many values it yielded, whether it is async or not", async () => {
    const sync = run(numbers(3));
    expect(await sync.count).toBe(3);
    expect(sync.written).toEqual([0, 1, 2]);
    async function* words() {
      yield "a";
      await settled();
      yield "b";
    }
    const asynchronous = run(words());
    expect(await asynchronous.count).toBe(2);
    expect(asynchronous.written).toEqual(["a", "b"]);
    expect(await run([Promise.resolve("awaited")]).count).toBe(1);
  });

  it("waits for its caller after the window, and goes on as far as the caller has taken", async () => {
    const { written, count, take } = run(numbers(200));
    await settled();
    expect(written).toHaveLength(STREAM_WINDOW.values);
    take(10);
    await settled();
    expect(written).toHaveLength(STREAM_WINDOW.values + 10);
    take(5);
    await settled();
    expect(written).toHaveLength(STREAM_WINDOW.values + 10);
    for (let received = 64; written.length < 200; received += 64) {
      take(received);
      await settled();
    }
    expect(await count).toBe(200);
    expect(written).toEqual([...numbers(200)]);
  });

  it("waits for its caller after as many bytes, and yields one larger value alone", async () => {
    function* large() {
      for (let index = 0; index < 4; index += 1) yield new Uint8Array(STREAM_WINDOW.bytes + 1);
    }
    const { written, count, take } = run(large());
    await settled();
    expect(written).toHaveLength(1);
    for (let received = 1; received <= 4; received += 1) {
      take(received);
      await settled();
      expect(written).toHaveLength(Math.min(received + 1, 4));
    }
    expect(await count).toBe(4);
  });

  it("that is cancelled while it waits for its caller cleans up and ends", async () => {
    const cleanUp = vi.fn();
    function* endless() {
      try {
        for (;;) yield 1;
      } finally {
        cleanUp();
      }
    }
    const { input, count } = run(endless());
    await settled();
    input.cancel();
    await expect(count).rejects.toBe(input.signal.reason);
    expect(cleanUp).toHaveBeenCalledOnce();
  });

  it("that is cancelled while it works ends at its next yield, and not before its clean-up", async () => {
    const order: string[] = [];
    let release = () => {};
    async function* slow() {
      try {
        yield 1;
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        yield 2;
        order.push("never");
      } finally {
        await settled();
        order.push("cleaned up");
      }
    }
    const { input, written, count } = run(slow());
    await settled();
    input.cancel();
    release();
    await count.catch(() => order.push("ended"));
    expect(order).toEqual(["cleaned up", "ended"]);
    expect(written).toEqual([1]);
  });

  it("that throws keeps what it had yielded", async () => {
    async function* failing() {
      yield 1;
      throw new RangeError("no more");
    }
    const { written, count } = run(failing());
    await expect(count).rejects.toThrow("no more");
    expect(written).toEqual([1]);
  });

  it("whose value cannot travel cleans up and fails with the path", async () => {
    const cleanUp = vi.fn();
    function* bad() {
      try {
        yield { format: () => 1 };
      } finally {
        cleanUp();
      }
    }
    const { count } = run(bad());
    await expect(count).rejects.toMatchObject({ code: "SERIALIZATION" });
    expect(cleanUp).toHaveBeenCalledOnce();
  });

  it("that is none is refused", async () => {
    await expect(run(7).count).rejects.toMatchObject({ code: "INVALID" });
  });
});
