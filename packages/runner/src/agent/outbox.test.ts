import type { OutputItem } from "@bellows/protocol/frame-parts";
import { describe, expect, it } from "vitest";
import { Outbox } from "./outbox.ts";

const callId = "01890a5d-ac96-774b-bcce-b302099a8057";
const output = (index: number, bytes = 1): OutputItem => [callId, index, 1, 0, new Uint8Array(bytes), 0, 0];
const indexes = (taken: ReturnType<Outbox["take"]>) => taken?.outputs.map((item) => item[1]);

function filled(count: number): Outbox {
  const outbox = new Outbox();
  for (let index = 0; index < count; index += 1) outbox.add(output(index));
  return outbox;
}

describe("outbox", () => {
  it("offers each output once on a link, numbered from 1", () => {
    const outbox = filled(2);
    expect(outbox.take()).toMatchObject({ firstSeq: 1, outputs: [output(0), output(1)] });
    outbox.add(output(2));
    expect(outbox.take()).toMatchObject({ firstSeq: 3, outputs: [output(2)] });
    expect(outbox.take()).toBeUndefined();
  });

  it("offers what is not acknowledged again on a new link, under the same numbers", () => {
    const outbox = filled(3);
    outbox.take();
    outbox.acknowledge(1);
    outbox.rewind();
    expect(outbox.take()).toMatchObject({ firstSeq: 2, outputs: [output(1), output(2)] });
    expect(outbox.refs()).toEqual([
      [callId, 1, 1],
      [callId, 2, 1],
    ]);
  });

  it("is empty after the last acknowledgement, and deaf to old and too high ones", () => {
    const outbox = filled(2);
    outbox.take();
    outbox.acknowledge(0);
    expect(outbox.size).toBe(2);
    outbox.acknowledge(9);
    outbox.acknowledge(1);
    expect(outbox.size).toBe(0);
    outbox.add(output(7));
    expect(outbox.take()).toMatchObject({ firstSeq: 3, outputs: [output(7)] });
  });

  it("keeps frames small, and sends a large output alone", () => {
    const outbox = new Outbox();
    outbox.add(output(0));
    outbox.add(output(1, 3 * 1024 * 1024));
    outbox.add(output(2));
    expect([indexes(outbox.take()), indexes(outbox.take()), indexes(outbox.take())]).toEqual([[0], [1], [2]]);
  });
});
