import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockReader, decodeFrames, encodeBlock, encodeFrames } from "./frame-codec.ts";

describe("frame codec", () => {
  it("carries frames with byte strings", () => {
    const frames = [{ type: "run", inputs: [["id", 0, 1, new Uint8Array([1, 2])]] }];
    expect(decodeFrames(encodeFrames(frames))).toEqual([{ type: "run", inputs: [["id", 0, 1, Buffer.from([1, 2])]] }]);
  });

  it("makes blocks of any size, and none overwrites the one before", () => {
    const frames = [0, 10, 8_000, 1, 5_000_000, 100].map((size) => [{ type: "run", value: Buffer.alloc(size, size) }]);
    const blocks = frames.map((each) => encodeBlock(each));
    for (const [at, block] of blocks.entries()) {
      expect(new DataView(block.buffer, block.byteOffset).getUint32(0)).toBe(block.byteLength - 4);
      expect(Buffer.compare(block.subarray(4), encodeFrames(frames[at] ?? []))).toBe(0);
    }
  });

  it("cuts a stream into its blocks, however it arrives", () => {
    const blocks = [[{ type: "a" }], [{ type: "b", bytes: new Uint8Array(1000) }], []];
    const stream = Buffer.concat(blocks.map((frames) => encodeBlock(frames)));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sizes) => {
        const reader = new BlockReader();
        const found: unknown[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          for (const body of reader.push(stream.subarray(at, at + size))) found.push(decodeFrames(body));
          at += size;
        }
        expect(found).toHaveLength(blocks.length);
        expect(found[0]).toEqual([{ type: "a" }]);
      }),
    );
  });
});
