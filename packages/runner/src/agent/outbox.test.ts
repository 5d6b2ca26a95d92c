import type { OutputItem } from "@bellows/protocol/frame-parts";
import { describe, expect, it } from "vitest";
import { Outbox } from "./outbox.ts";

const callId = "01890a5d-ac96-774b-bcce-b302099a8057";
const output = (index: number, bytes = 1): OutputItem => [index, 1, 0, new Uint8Array(bytes), 0, 0];
const indexes = (taken: ReturnType<Outbox["take"]>) =>
  taken?.outputs.flatMap(([, items]) => items.map(([index]) => index));

function filled(count: number): Outbox {
  const outbox = new Outbox();
  for (let index = 0; index < count; index += 1) outbox.add(callId, output(index));
  return outbox;
}

describe("outbox", () => {
  it("offers each output once on a link, numbered from 1", () => {
    const outbox = filled(2);
    expect(outbox.take()).toMatchObject({ firstSeq: 1, outputs: [[callId, [output(0), output(1)]]] });
    outbox.add(callId, output(2));
    expect(outbox.take()).toMatchObject({ firstSeq: 3, outputs: [[callId, [output(2)]]] });
    expect(outbox.take()).toBeUndefined();
  });

  it("offers what is not acknowledged again on a new link, under the same numbers", () => {
    const outbox = filled(3);
    outbox.take();
    outbox.acknowledge(1);
    outbox.rewind();
    expect(outbox.take()).toMatchObject({ firstSeq: 2, outputs: [[callId, [output(1), output(2)]]] });
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
    outbox.add(callId, output(7));
    expect(outbox.take()).toMatchObject({ firstSeq: 3, outputs: [[callId, [output(7)]]] });
  });

  it("offers outputs in the order in which they came, neighbours of one call together", () => {
    const other = "01890a5d-ac96-774b-bcce-b302099a8058";
    const outbox = filled(2);
    outbox.add(other, output(0));
    outbox.add(callId, output(2));
    expect(outbox.take()?.outputs).toEqual([
      [callId, [output(0), output(1)]],
      [other, [output(0)]],
      [callId, [output(2)]],
    ]);
  });

  it("keeps frames small, and sends a large output alone", () => {
    const outbox = new Outbox();
    outbox.add(callId, output(0));
    outbox.add(callId, output(1, 3 * 1024 * 1024));
    outbox.add(callId, output(2));
    expect([indexes(outbox.take()), indexes(outbox.take()), indexes(outbox.take())]).toEqual([[0], [1], [2]]);
  });
});
