import { InternalError } from "@bellows/protocol/errors";
import { expect, test } from "vitest";
import { CopyRows } from "./copy-rows.ts";
import { packInputs, unpackInputs } from "./packed-inputs.ts";

function packed(values: Uint8Array[]): Uint8Array {
  const rows = new CopyRows();
  rows.row(1);
  packInputs(rows, values);
  return rows.finish().slice(19 + 2 + 4, -2);
}

test("inputs come out as they went in, empty ones included", () => {
  const values = [Buffer.from([1, 2, 3]), Buffer.alloc(0), Buffer.alloc(70_000, 9)];
  expect(unpackInputs(packed(values), 3)).toEqual(values);
  expect(unpackInputs(packed([]), 0)).toEqual([]);
});

test("bytes that are no chunk of that many inputs are refused", () => {
  const bytes = packed([new Uint8Array([1, 2, 3])]);
  expect(() => unpackInputs(bytes.subarray(0, -1), 1)).toThrow(InternalError);
  expect(() => unpackInputs(bytes, 5)).toThrow(InternalError);
});
