import { LIMITS } from "@bellows/protocol/limits";
import { describe, expect, test } from "vitest";
import { Chunker } from "./chunker.ts";

const value = (bytes: number) => new Uint8Array(bytes);

describe("chunks of inputs", () => {
  test("hold at most 512 inputs, and their indexes join up", () => {
    const chunker = new Chunker();
    for (let i = 0; i < 1_200; i++) expect(chunker.add(value(3))).toBe(i);
    const chunks = chunker.take();
    expect(chunks.map((c) => [c.firstIndex, c.values.length])).toEqual([
      [0, 512],
      [512, 512],
      [1_024, 176],
    ]);
    expect(chunker.take()).toEqual([]);
    chunker.add(value(3));
    expect(chunker.take()[0]?.firstIndex).toBe(1_200);
  });

  test("end before they outgrow the byte limit, and a larger value travels alone", () => {
    const chunker = new Chunker();
    const half = LIMITS.chunkBytes / 2;
    for (const bytes of [half, half, 1, LIMITS.chunkBytes * 3, 1]) chunker.add(value(bytes));
    expect(chunker.take().map((c) => [c.firstIndex, c.values.length])).toEqual([
      [0, 2],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    expect(chunker.count).toBe(5);
  });
});
