import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { describe, expect, it } from "vitest";
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
});
