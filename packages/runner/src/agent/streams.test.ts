import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { LIMITS } from "@bellows/protocol/limits";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { describe, expect, it } from "vitest";
import type { KeptOutput } from "./outbox.ts";
import { Streams } from "./streams.ts";

const callId = "01890a5d-ac96-774b-bcce-b302099a8057";
const ref = (index: number): AttemptRef => [callId, index, 1];
const value = (bytes = 1) => new Uint8Array(bytes);

/** What is offered now: index of the input, number of the first value, how many. */
const offered = (streams: Streams) =>
  streams.next().map(({ attempt, firstSeq, values }) => [attempt[1], firstSeq, values.length]);

function yielding(count: number, index = 0): Streams {
  const streams = new Streams();
  for (let seq = 0; seq < count; seq += 1) streams.add({ attempt: ref(index), firstSeq: seq, values: [value()] });
  return streams;
}

describe("yielded values", () => {
  it("are offered once on a link, those of one turn together", () => {
    const streams = yielding(3);
    expect(offered(streams)).toEqual([[0, 0, 3]]);
    expect(streams.hasUnsent).toBe(false);
    streams.add({ attempt: ref(0), firstSeq: 3, values: [value()] });
    expect(offered(streams)).toEqual([[0, 3, 1]]);
  });

  it("that were not taken are offered again on a new link, and when somebody asks", () => {
    const streams = yielding(4);
    streams.next();
    streams.take(ref(0), 1, false);
    expect(streams.hasUnsent).toBe(false);
    streams.rewind();
    expect(offered(streams)).toEqual([[0, 1, 3]]);
    streams.take(ref(0), 2, true);
    expect(offered(streams)).toEqual([[0, 2, 2]]);
  });

  it("that were taken are gone, and a take that is late or too high changes nothing else", () => {
    const streams = yielding(2);
    streams.next();
    streams.take(ref(0), 9, false);
    streams.take(ref(0), 1, true);
    expect(streams.hasUnsent).toBe(false);
    streams.add({ attempt: ref(0), firstSeq: 2, values: [value()] });
    expect(offered(streams)).toEqual([[0, 2, 1]]);
    streams.take(ref(7), 1, true);
    expect(streams.hasUnsent).toBe(false);
  });

  it("leave in messages of bounded size, a large one alone, each attempt's in order", () => {
    const streams = new Streams();
    streams.add({ attempt: ref(0), firstSeq: 0, values: [value(), value(3 * 1024 * 1024), value()] });
    streams.add({ attempt: ref(1), firstSeq: 0, values: [value(3 * 1024 * 1024)] });
    const messages: unknown[] = [];
    while (streams.hasUnsent) messages.push(offered(streams));
    expect(messages).toEqual([[[0, 0, 1]], [[0, 1, 1]], [[0, 2, 1]], [[1, 0, 1]]]);
  });

  it("of an attempt are known until it is forgotten, also when all were taken", () => {
    const streams = yielding(1);
    streams.take(ref(0), 1, false);
    expect(streams.knows(ref(0))).toBe(true);
    streams.forget([ref(0)]);
    expect(streams.knows(ref(0))).toBe(false);
  });

  describe("of a generator whose output is stored", () => {
    const output = (index: number, status: 0 | 1 | 2 = OUTPUT_STATUS.succeeded): KeptOutput => ({
      callId,
      item: [index, 1, status, value(), 0, 0],
    });

    it("are kept for a caller who comes back, no longer than it may be away", () => {
      const streams = yielding(3);
      streams.next();
      streams.settle([output(0)], 1_000);
      streams.prune(1_000 + LIMITS.vanishedCallerMs);
      streams.take(ref(0), 1, true);
      expect(offered(streams)).toEqual([[0, 1, 2]]);
      streams.prune(1_001 + LIMITS.vanishedCallerMs);
      expect(streams.knows(ref(0))).toBe(false);
    });

    it("are gone when all were taken, before it or after it, or when it failed", () => {
      const streams = yielding(1);
      streams.add({ attempt: ref(1), firstSeq: 0, values: [value()] });
      streams.add({ attempt: ref(2), firstSeq: 0, values: [value()] });
      streams.take(ref(0), 1, false);
      streams.settle([output(0), output(1), output(2, OUTPUT_STATUS.failed)], 0);
      expect([0, 1, 2].map((index) => streams.knows(ref(index)))).toEqual([false, true, false]);
      streams.take(ref(1), 1, false);
      expect(streams.knows(ref(1))).toBe(false);
    });

    it("are bounded in number and bytes: the oldest go first", () => {
      const streams = new Streams();
      for (let index = 0; index < 1_001; index += 1) {
        streams.add({ attempt: ref(index), firstSeq: 0, values: [value()] });
        streams.settle([output(index)], index);
      }
      expect([0, 1, 1_000].map((index) => streams.knows(ref(index)))).toEqual([false, true, true]);
      streams.add({ attempt: ref(2_000), firstSeq: 0, values: [value(16 * 1024 * 1024)] });
      streams.settle([output(2_000)], 2_000);
      expect([1_000, 2_000].map((index) => streams.knows(ref(index)))).toEqual([false, true]);
    });
  });
});
