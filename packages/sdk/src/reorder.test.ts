import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReceivedIndexes } from "./received-indexes.ts";
import { ArrivalBuffer, ReorderBuffer } from "./reorder.ts";

function drain<T>(buffer: { take(): T | undefined }): T[] {
  const items: T[] = [];
  for (let item = buffer.take(); item !== undefined; item = buffer.take()) items.push(item);
  return items;
}

describe("the reorder buffer", () => {
  test("whatever the order of arrival within the window, items come out in order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 }), (keys) => {
        const window = 16;
        const buffer = new ReorderBuffer<string>(window);
        const out: string[] = [];
        const waiting: number[] = [];
        let sent = 0;
        for (const key of keys) {
          while (sent - out.length < window && sent < keys.length) waiting.push(sent++);
          const [index] = waiting.splice(Math.floor(key * waiting.length) % Math.max(1, waiting.length), 1);
          if (index !== undefined) buffer.put(index, `item ${index}`);
          out.push(...drain(buffer));
        }
        expect(out).toEqual(out.map((_, i) => `item ${i}`));
        expect(out.length + waiting.length).toBeLessThanOrEqual(keys.length);
      }),
    );
  });

  test("an index outside of the window is refused, since its slot is another one's", () => {
    const buffer = new ReorderBuffer<string>(4);
    expect(() => buffer.put(4, "x")).toThrowError("outside of the window 0..3");
    buffer.put(0, "a");
    expect(drain(buffer)).toEqual(["a"]);
    buffer.put(4, "x");
    expect(() => buffer.put(0, "a")).toThrowError("outside of the window 1..4");
  });

  test("without order, items come out as they came in", () => {
    const buffer = new ArrivalBuffer<string>();
    buffer.put(2, "c");
    buffer.put(0, "a");
    expect(drain(buffer)).toEqual(["c", "a"]);
    buffer.put(1, "b");
    expect(drain(buffer)).toEqual(["b"]);
  });
});

describe("received indexes", () => {
  test("each index counts once, and the lowest missing one is known", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 })), (indexes) => {
        const received = new ReceivedIndexes();
        const model = new Set<number>();
        for (const index of indexes) {
          expect(received.add(index)).toBe(!model.has(index));
          model.add(index);
        }
        let lowest = 0;
        while (model.has(lowest)) lowest += 1;
        expect(received.lowestMissing).toBe(lowest);
        expect(received.count).toBe(model.size);
      }),
    );
  });

  test("counting may begin at a later index", () => {
    const received = new ReceivedIndexes(5);
    expect(received.add(4)).toBe(false);
    expect(received.add(5)).toBe(true);
    expect(received.lowestMissing).toBe(6);
  });
});
