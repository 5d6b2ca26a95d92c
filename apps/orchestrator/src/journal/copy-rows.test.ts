import { expect, test } from "vitest";
import { CopyRows } from "./copy-rows.ts";

test("a row is encoded as Postgres documents it", () => {
  const rows = new CopyRows();
  rows.row(5);
  rows.uuid("0190163d-8694-739b-aea5-966c26f8ad91");
  rows.int4(-2);
  rows.int2(7);
  rows.null();
  rows.text("aé");
  expect(Buffer.from(rows.finish()).toString("hex")).toBe(
    [
      "5047434f50590aff0d0a00", // signature
      "0000000000000000", // flags, header extension
      "0005",
      "000000100190163d8694739baea5966c26f8ad91",
      "00000004fffffffe",
      "000000020007",
      "ffffffff",
      "0000000361c3a9",
      "ffff", // trailer
    ].join(""),
  );
});

test.each([0, 1, -1, 4_294_967_295, 4_294_967_296, 1_795_460_554_989, -1_795_460_554_989, Number.MAX_SAFE_INTEGER])(
  "%d survives as a 64-bit number",
  (value) => {
    const rows = new CopyRows();
    rows.row(1);
    rows.int8(value);
    const bytes = Buffer.from(rows.finish());
    expect(bytes.readBigInt64BE(bytes.length - 2 - 8)).toBe(BigInt(value));
  },
);

test("cleared rows leave nothing behind, and growing keeps what was written", () => {
  const rows = new CopyRows();
  rows.row(1);
  rows.bytes(new Uint8Array(200_000).fill(1));
  rows.row(1);
  rows.bytes(new Uint8Array(300_000).fill(2));
  const both = Buffer.from(rows.finish());
  expect(both.length).toBe(19 + 2 * (2 + 4) + 500_000 + 2);
  expect(both[19 + 6]).toBe(1);
  expect(both.at(-3)).toBe(2);

  rows.clear();
  expect(rows.rowCount).toBe(0);
  rows.row(1);
  rows.null();
  expect(rows.finish().byteLength).toBe(19 + 2 + 4 + 2);
});
