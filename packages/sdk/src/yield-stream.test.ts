import { STREAM_WINDOW } from "@bellows/protocol/frame-parts";
import { encodeValue } from "@bellows/protocol/values";
import fc from "fast-check";
import { expect, test } from "vitest";
import { YieldStream } from "./yield-stream.ts";

const values = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => encodeValue(from + i));

test("whatever is sent twice or lost at a cut, each value comes out once and in order, and the generator is never far ahead", () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant("send" as const), count: fc.integer({ min: 1, max: 80 }) }),
    fc.record({ type: fc.constant("take" as const), count: fc.integer({ min: 1, max: 80 }) }),
    fc.record({ type: fc.constantFrom("lose" as const, "cut" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 200 }), (steps, total) => {
      const stream = new YieldStream();
      const out: Uint8Array[] = [];
      const generator = { sent: 0, mayGoTo: STREAM_WINDOW.values as number };
      const taken = (count: number, resend: boolean): void => {
        generator.mayGoTo = count + STREAM_WINDOW.values;
        if (resend) generator.sent = count;
      };
      const send = (count: number, lost: boolean): void => {
        const to = Math.min(total, generator.mayGoTo, generator.sent + count);
        const piece = values(generator.sent, to);
        const firstSeq = generator.sent;
        generator.sent = to;
        if (lost || piece.length === 0) return;
        if (!stream.arrived(firstSeq, piece)) taken(stream.taken, true);
      };
      const take = (count: number): void => {
        for (let i = 0; i < count; i++) {
          const value = stream.take();
          if (value) out.push(value);
          expect(generator.sent - stream.taken).toBeLessThanOrEqual(STREAM_WINDOW.values);
        }
        if (stream.tell()) taken(stream.taken, false);
      };
      for (const s of steps) {
        if (s.type === "send") send(s.count, false);
        if (s.type === "take") take(s.count);
        if (s.type === "lose") send(5, true);
        if (s.type === "cut") taken(stream.taken, true);
      }
      taken(stream.taken, true);
      stream.endsAt(total);
      for (let round = 0; round < 20 && !stream.complete; round++) {
        send(STREAM_WINDOW.values, false);
        take(STREAM_WINDOW.values);
      }
      take(STREAM_WINDOW.values);
      expect(stream.complete).toBe(true);
      expect(out).toEqual(values(0, total));
    }),
    { numRuns: 300 },
  );
});

test("says what was taken when all that came is, or a quarter of the window, and not of a stream that is over", () => {
  const stream = new YieldStream();
  stream.arrived(0, values(0, 40));
  stream.take();
  expect(stream.tell()).toBe(false);
  for (let i = 0; i < 15; i++) stream.take();
  expect([stream.tell(), stream.tell()]).toEqual([true, false]);
  stream.endsAt(40);
  while (stream.take());
  expect(stream.tell()).toBe(false);
});
