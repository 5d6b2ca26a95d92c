import { expect, it } from "vitest";
import { terminalLines } from "./terminal-lines.ts";

async function linesOf(...pieces: string[]): Promise<string[]> {
  const lines: string[] = [];
  async function* output() {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  for await (const line of terminalLines(output())) lines.push(line);
  return lines;
}

it("takes lines together that come in pieces, and the last one without its end", async () => {
  expect(await linesOf("one\ntw", "o\r\nthr", "ee")).toEqual(["one", "two", "three"]);
});

it("shows of a line that was written over what stood there last", async () => {
  expect(await linesOf("reading 5%\rread", "ing 100%\rdone\nnext\n")).toEqual(["done", "next"]);
});
